// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace amphi::serve {

/// The path below the served folder that a request's target names: "/a%20b?x" gives "a b". Percent
/// escapes are decoded once. None when the target is malformed, holds a NUL, or has a component
/// ".." after decoding. The result is relative, and still no proof that the path stays inside the
/// folder: opening it sees to that.
[[nodiscard]] std::optional<std::string> path_of_target(std::string_view target);

}  // namespace amphi::serve
