// SPDX-License-Identifier: BSL-1.0
#pragma once

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
    /// Claims `name` for `url`; or yields the URL that has claimed it before.
    [[nodiscard]] std::optional<std::string> claim(const std::string& name, std::string_view url);

private:
    class place {
    public:
        std::uint32_t block = 0;
        std::uint32_t offset = 0;
        std::uint32_t bytes = 0;
    };

    [[nodiscard]] place store(std::string_view url);
    [[nodiscard]] std::string_view url_at(place where) const noexcept;

    std::unordered_multimap<std::size_t, place> by_hash_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t used_ = 0;  // of the last block
    std::size_t room_ = 0;  // of the last block
};

}  // namespace amphi::fetch
