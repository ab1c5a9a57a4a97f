// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>

#include "file_name.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace amphi::fetch {

/// Which URL of a run has claimed which file name. A name is kept as a hash, and its URL in one of
/// a few large blocks, since a list may have a million of them: some 40 bytes each beside the URL's
/// own.
///
/// Threads: one at a time.
class claimed_names {
public:
    using naming = std::string (*)(const http::url& from);

    /// `by_rule` names the URLs that have no name of their own.
    explicit claimed_names(naming by_rule = file_name_of) noexcept : by_rule_(by_rule) {}

    /// Claims `name` for `url`; or yields the URL that has claimed it before. `is_own`: the name
    /// does not come from the URL.
    [[nodiscard]] std::optional<std::string>
    claim(const std::string& name, std::string_view url, bool is_own = false);

private:
    class place {
    public:
        std::uint32_t block = 0;
        std::uint32_t offset = 0;
        std::uint32_t bytes = 0;
    };

    [[nodiscard]] place store(std::string_view url);
    [[nodiscard]] std::string_view url_at(place where) const noexcept;

    naming by_rule_;
    std::unordered_multimap<std::size_t, place> by_hash_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t used_ = 0;  // of the last block
    std::size_t room_ = 0;  // of the last block
};

}  // namespace amphi::fetch
