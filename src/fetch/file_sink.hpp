// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/response.hpp>
#include <amphi/http/sink.hpp>
#include <amphi/task/task.hpp>

#include "byte_budget.hpp"
#include "counter.hpp"
#include "part_file.hpp"
#include "sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>

namespace amphi::fetch {

/// The answer to a request for the rest is not that rest: begin anew.
class not_the_rest : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What comes is not the file that was asked for: its size is another one, or too large.
class wrong_size : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// How long a file may be.
class size_limit {
public:
    /// `wanted`: how long it must be. `most`: zero for no limit.
    size_limit(std::optional<std::uint64_t> wanted, std::uint64_t most) noexcept
        : wanted_(wanted)
        , most_(most) {}

    /// Throws `wrong_size` when so much is announced.
    void check_announced(std::optional<std::uint64_t> total) const;
    /// The same when so much has come, and there may be more.
    void check_so_far(std::uint64_t bytes) const;
    /// The same when that is all.
    void check_all(std::uint64_t bytes) const;

private:
    std::optional<std::uint64_t> wanted_;
    std::uint64_t most_;
};

/// Writes a body to a part file: from its first byte, or on from where an earlier attempt ended.
class file_sink final : public http::sink {
public:
    /// `resume_at`: where the answer shall go on, if the request asked for that. `received` counts
    /// what comes, for those who watch.
    file_sink(
        part_file& part,
        std::optional<std::uint64_t> resume_at,
        sha256* hash,
        counter& received,
        byte_budget& budget,
        size_limit limit
    );

    wish begin(const http::response_head& head) override;
    bool take(std::span<const std::byte> piece) override;
    task<> make_room() override { return share_.wait(); }

    /// After the fetch: whether what came was the file, and not an answer of another status. Throws
    /// `not_the_rest` when it is not all that was announced of a rest.
    [[nodiscard]] bool has_content() const;

private:
    void go_on(const http::response_head& head);
    void hash_what_is_there();

    part_file& part_;
    std::optional<std::uint64_t> resume_at_;
    std::optional<std::uint64_t> end_;  // of the file, when it is continued
    sha256* hash_;
    counter& received_;
    byte_share share_;
    const size_limit limit_;
    bool has_content_ = false;
};

}  // namespace amphi::fetch
