// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/response.hpp>

namespace amphi::http::detail {

/// Whether an answer announces its length in a way that can be understood, if it does at all. Of a
/// length beyond its range libcurl makes none, and takes the end of the connection for the body's;
/// of several it takes the last.
[[nodiscard]] bool has_one_length(const response_head& head) noexcept;

}  // namespace amphi::http::detail
