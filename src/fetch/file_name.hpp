// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>

#include <cstddef>
#include <string>

namespace amphi::fetch {

/// The longest name of a download: room is left for the endings of what is unfinished.
inline constexpr std::size_t name_bytes_max = 240;

/// The name under which a URL's content is stored: the last part of its path, percent-decoded once;
/// `index.html` when that is empty. The URL that was asked for decides, never a redirect or a
/// header: whoever runs the server does not choose among our files.
/// Throws `std::invalid_argument`, saying why, for a name that is not safe: one that leaves the
/// folder or hides in it, looks like an option, or cannot be shown.
[[nodiscard]] std::string file_name_of(const http::url& from);

/// Its host and its path as folders: "host/a/b.txt", "host:8080/index.html". Throws as
/// `file_name_of`, of each part.
[[nodiscard]] std::string tree_name_of(const http::url& from);

/// Throws as `file_name_of`, of each part of a path that a list asks for. Lists come from elsewhere
/// too.
void check_path(const std::string& path);

}  // namespace amphi::fetch
