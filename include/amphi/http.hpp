// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/error.hpp>     // IWYU pragma: export
#include <amphi/http/fetch.hpp>     // IWYU pragma: export
#include <amphi/http/request.hpp>   // IWYU pragma: export
#include <amphi/http/response.hpp>  // IWYU pragma: export
#include <amphi/http/sink.hpp>      // IWYU pragma: export
#include <amphi/http/url.hpp>       // IWYU pragma: export
