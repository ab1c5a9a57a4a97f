// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>

namespace amphi::fetch {

/// `text` as a terminal can be trusted with it: control characters, also those of C1 and those that
/// turn the direction of writing, and bytes that are no UTF-8 are shown by their numbers. Names,
/// header fields and error texts may come from whoever runs the server.
[[nodiscard]] std::string printable(std::string_view text);

/// `text` inside the quotes of a JSON string.
[[nodiscard]] std::string json_escaped(std::string_view text);

}  // namespace amphi::fetch
