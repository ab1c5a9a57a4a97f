// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "folder.hpp"
#include "request.hpp"

#include <ctime>
#include <string_view>

namespace amphi::serve {

/// Whether what the client has is still the file (RFC 9110, 13.2.2): If-None-Match decides when it
/// is there, else If-Modified-Since.
[[nodiscard]] bool is_not_modified(const request& asked, const served_file& file);

/// Whether a range may be taken from this file, or If-Range says that the client has a part of
/// another one. A date counts when the file has been still for a second: else it may have changed
/// twice in the second that the date names.
[[nodiscard]] bool
may_continue(std::string_view if_range, const served_file& file, std::time_t now);

}  // namespace amphi::serve
