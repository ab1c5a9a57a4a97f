// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "printable.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace amphi::fetch {

/// Builds one flat JSON object in one line.
class json_object {
public:
    json_object& add(std::string_view name, std::string_view text) {
        return raw(name, '"' + json_escaped(text) + '"');
    }
    json_object& add(std::string_view name, std::uint64_t number) {
        return raw(name, std::to_string(number));
    }
    /// The object; the builder starts anew.
    [[nodiscard]] std::string text() {
        text_ += '}';
        return std::exchange(text_, "{");
    }

private:
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
