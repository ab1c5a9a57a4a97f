// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace amphi::fetch {

/// The members of one JSON object that are texts or whole numbers; what else it has is left out.
class json_members {
public:
    /// Nothing when `line` is no JSON object, or something follows it.
    [[nodiscard]] static std::optional<json_members> parse(std::string_view line);

    /// Nothing when there is none of that name, or it is something else.
    [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

private:
    // Nothing of the three: neither a text nor a number.
    using value = std::variant<std::monostate, std::string, std::uint64_t>;

    [[nodiscard]] const value* find(std::string_view name) const noexcept;

    std::vector<std::pair<std::string, value>> all_;
};

}  // namespace amphi::fetch
