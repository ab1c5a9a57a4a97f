// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/http/request.hpp>
#include <amphi/http/response.hpp>
#include <amphi/http/sink.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>

namespace amphi::http {

/// Sends the request, follows redirects, and delivers the body of the answer to `into` as it comes.
/// Returns once the body is complete. The server's status is a result, not an error.
///
/// Redirects are followed one request a hop, so that each is checked: only http and https, never
/// from https to http; header lines that may carry secrets go no further than their scheme, host
/// and port.
/// Threads: the sink is called by whoever carries the transfer: the plain thread itself, or the
/// worker on which the fetch began. Connections are kept and used again.
/// Cancellation: ends the transfer at once; `into` has what came before, and is not called again.
/// Errors: `fetch_error`; what `into` throws.
[[nodiscard]] AMPHI_EXPORT task<response_head> fetch(const request& what, sink& into);

/// What `get` keeps in memory at most.
inline constexpr std::size_t body_bytes_max = std::size_t{64} << 20;

/// As `fetch`, with the body in memory. Throws `fetch_error` when it has more than `bytes_max`.
[[nodiscard]] AMPHI_EXPORT task<response>
get(const request& what, std::size_t bytes_max = body_bytes_max);

}  // namespace amphi::http
