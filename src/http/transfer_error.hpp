// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/request.hpp>
#include <amphi/http/response.hpp>
#include <amphi/http/url.hpp>

#include "curl.hpp"

#include <cstdint>
#include <exception>

namespace amphi::http::detail {

/// libcurl's `code` as an exception that says what happened in our words. `words` is its error
/// buffer.
[[nodiscard]] std::exception_ptr error_of(
    CURLcode code,
    CURL* easy,
    const char* words,
    const request& what,
    const url& target,
    const response_head& head,
    std::uint64_t body_bytes
);

[[nodiscard]] std::exception_ptr stall_error(const request& what, const url& target);

}  // namespace amphi::http::detail
