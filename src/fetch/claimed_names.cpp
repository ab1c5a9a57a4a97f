// SPDX-License-Identifier: BSL-1.0
#include "claimed_names.hpp"

#include <amphi/http/url.hpp>

#include "file_name.hpp"

#include <algorithm>
#include <functional>

namespace amphi::fetch {

namespace {

constexpr std::size_t block_bytes = std::size_t{64} << 10;

}  // namespace

std::optional<std::string> claimed_names::claim(const std::string& name, std::string_view url) {
    const std::size_t hash = std::hash<std::string>()(name);
    const auto [first, last] = by_hash_.equal_range(hash);
    for (auto found = first; found != last; ++found) {
        // The hash may be another name's; what the URL is stored under tells.
        std::string before(url_at(found->second));
        if (file_name_of(http::url(before)) == name) return before;
    }
    by_hash_.emplace(hash, store(url));
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
