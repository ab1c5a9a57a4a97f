// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/response.hpp>
#include <amphi/http/sink.hpp>
#include <amphi/task/task.hpp>

#include "byte_budget.hpp"
#include "counter.hpp"
#include "file_sink.hpp"
#include "sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace amphi::fetch {

/// Writes a body to standard output, which may be a pipe whose reader is slow: the transfer then
/// pauses.
///
/// Errors: `std::system_error`, EPIPE when nobody reads any more; `wrong_size`.
class output_sink final : public http::sink {
public:
    output_sink(int fd, sha256* hash, counter& received, byte_budget& budget, size_limit limit);

    wish begin(const http::response_head& head) override;
    bool take(std::span<const std::byte> piece) override;
    task<> make_room() override;

    /// Writes what is left.
    [[nodiscard]] task<> flush();

    /// Whether the answer was the content. Throws `wrong_size` when it is not all of it.
    [[nodiscard]] bool has_content() const;
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

private:
    int fd_;
    sha256* hash_;
    counter& received_;
    byte_share share_;
    size_limit limit_;
    std::vector<std::byte> buffer_;
    std::uint64_t taken_ = 0;
    bool has_content_ = false;
};

}  // namespace amphi::fetch
