// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/response.hpp>

#include "outcome.hpp"

#include <exception>
#include <system_error>

namespace amphi::fetch {

/// What a person could try when the system has refused something.
[[nodiscard]] const char* hint_for(const std::error_code& code) noexcept;

/// Fills `failed` with the cause of an exception, and with what a person could try. A cancel is
/// thrown on.
void explain(outcome& failed, const std::exception_ptr& error);

/// The same of an answer that is not the file.
void explain(outcome& failed, const http::response_head& answer);

}  // namespace amphi::fetch
