// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/request.hpp>
#include <amphi/http/url.hpp>
#include <amphi/task/task.hpp>

#include "curl.hpp"

namespace amphi::http::detail {

/// The addresses of a URL's host, as lines of CURLOPT_RESOLVE, from our own resolver: libcurl's
/// would start a thread for each lookup. Null when the host is an address, or a proxy's business.
/// What was found is remembered for a while.
/// Errors: `fetch_error`, when there is no such host or the answer takes longer than the connection
/// may.
[[nodiscard]] task<curl_list> addresses_of(const request& what, const url& target);

}  // namespace amphi::http::detail
