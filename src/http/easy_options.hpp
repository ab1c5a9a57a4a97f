// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/request.hpp>
#include <amphi/http/url.hpp>

#include "curl.hpp"

namespace amphi::http::detail {

/// What all requests have in common, for a new easy handle. Throws `std::bad_alloc`.
void set_common_options(CURL* easy);

/// Tells an easy handle, which may have served other requests, what `what` asks of `target`, but
/// for headers, addresses and callbacks. Throws `std::bad_alloc`.
void set_options(CURL* easy, const request& what, const url& target);

/// Whether the environment names a proxy for such URLs (`https_proxy`, `all_proxy`, ...), which
/// libcurl then uses: the host's name is the proxy's to resolve.
[[nodiscard]] bool goes_through_proxy(const request& what, const url& target) noexcept;

}  // namespace amphi::http::detail
