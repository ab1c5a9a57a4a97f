// SPDX-License-Identifier: BSL-1.0
#include "claimed_names.hpp"

#include <algorithm>
#include <functional>

namespace amphi::fetch {

namespace {

constexpr std::size_t block_bytes = std::size_t{64} << 10;
// Between a name that does not come from its URL, and the URL; neither has one.
constexpr char after_name = '\n';

}  // namespace

std::optional<std::string>
claimed_names::claim(const std::string& name, std::string_view url, bool is_own) {
    const std::size_t hash = std::hash<std::string>()(name);
    const auto [first, last] = by_hash_.equal_range(hash);
    for (auto found = first; found != last; ++found) {
        // The hash may be another name's; what the URL is stored under tells.
        std::string before(url_at(found->second));
        const std::size_t end = before.find(after_name);
        if (end == std::string::npos ? by_rule_(http::url(before)) == name
                                     : std::string_view(before).substr(0, end) == name)
            return end == std::string::npos ? before : before.substr(end + 1);
    }
    by_hash_.emplace(hash, is_own ? store(name + after_name + std::string(url)) : store(url));
    return std::nullopt;
}

claimed_names::place claimed_names::store(std::string_view url) {
    if (room_ - used_ < url.size()) {
        room_ = std::max(block_bytes, url.size());
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
        used_ = 0;
    }
    place where;
    where.block = static_cast<std::uint32_t>(blocks_.size() - 1);
    where.offset = static_cast<std::uint32_t>(used_);
    where.bytes = static_cast<std::uint32_t>(url.size());
    std::copy(url.begin(), url.end(), blocks_.back().get() + used_);
    used_ += url.size();
    return where;
}

std::string_view claimed_names::url_at(place where) const noexcept {
    return {blocks_[where.block].get() + where.offset, where.bytes};
}

}  // namespace amphi::fetch
