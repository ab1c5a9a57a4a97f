// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/response.hpp>
#include <amphi/http/url.hpp>

#include <string_view>

namespace amphi::http::detail {

/// Whether an answer sends the client elsewhere: its status says so, and there is a `Location`.
[[nodiscard]] bool is_redirect(const response_head& head) noexcept;

/// Where a redirect from `from` leads. Throws `fetch_error` when one may not go there: to something
/// that is neither http nor https, or from https to http, where anybody can read along.
[[nodiscard]] url redirect_target(const url& from, const response_head& head);

/// Whether a header line is known to carry no secret, so that it may follow a redirect to another
/// scheme, host or port. All others may: tokens travel under many names.
[[nodiscard]] bool is_harmless_header(std::string_view line) noexcept;

}  // namespace amphi::http::detail
