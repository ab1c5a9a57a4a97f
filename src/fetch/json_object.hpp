// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "printable.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace amphi::fetch {

/// Builds one JSON object in one line.
class json_object {
public:
    json_object& add(std::string_view name, std::string_view text) {
        return raw(name, '"' + json_escaped(text) + '"');
    }
    json_object& add(std::string_view name, std::uint64_t number) {
        return raw(name, std::to_string(number));
    }
    json_object& number(std::string_view name, double number) {
        return raw(name, in_decimals(number));
    }
    json_object& flag(std::string_view name, bool value) {
        return raw(name, value ? "true" : "false");
    }
    /// A value that is JSON already: an object, a list, null.
    json_object& json(std::string_view name, const std::string& value) { return raw(name, value); }

    /// The object; the builder starts anew.
    [[nodiscard]] std::string text() {
        text_ += '}';
        return std::exchange(text_, "{");
    }

private:
    /// JSON has no infinities.
    static std::string in_decimals(double number) {
        std::array<char, 32> text{};
        if (!std::isfinite(number)) return "null";
        const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
        return {text.data(), end};
    }

    json_object& raw(std::string_view name, const std::string& value) {
        text_ += text_.size() > 1 ? "," : "";
        text_ += '"';
        text_ += name;
        text_ += "\":";
        text_ += value;
        return *this;
    }

    std::string text_ = "{";
};

}  // namespace amphi::fetch
