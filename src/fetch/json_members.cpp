// SPDX-License-Identifier: BSL-1.0
#include "json_members.hpp"

#include <cstddef>

// Boost.JSON itself, which has no library of its own then.
#include <boost/json/src.hpp>

namespace amphi::fetch {

namespace json = boost::json;

std::optional<json_members> json_members::parse(std::string_view line) {
    // The usual line needs no memory but this.
    unsigned char room[4096];
    json::monotonic_resource memory(room, sizeof room);
    json::error_code error;
    const json::value parsed =
        json::parse(json::string_view(line.data(), line.size()), error, &memory);
    if (error || !parsed.is_object()) return std::nullopt;
    json_members found;
    for (const json::key_value_pair& member : parsed.get_object()) {
        value kept;
        if (const json::string* const text = member.value().if_string())
            kept = std::string(text->data(), text->size());
        else if (member.value().is_int64() && member.value().get_int64() >= 0)
            kept = static_cast<std::uint64_t>(member.value().get_int64());
        else if (member.value().is_uint64())
            kept = member.value().get_uint64();
        found.all_.emplace_back(
            std::string(member.key().data(), member.key().size()), std::move(kept)
        );
    }
    return found;
}

const json_members::value* json_members::find(std::string_view name) const noexcept {
    for (const auto& [key, kept] : all_)
        if (key == name) return &kept;
    return nullptr;
}

std::optional<std::string> json_members::text(std::string_view name) const {
    const value* const kept = find(name);
    const auto* const text = kept != nullptr ? std::get_if<std::string>(kept) : nullptr;
    return text != nullptr ? std::optional(*text) : std::nullopt;
}

std::optional<std::uint64_t> json_members::number(std::string_view name) const {
    const value* const kept = find(name);
    const auto* const number = kept != nullptr ? std::get_if<std::uint64_t>(kept) : nullptr;
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

}  // namespace amphi::fetch
