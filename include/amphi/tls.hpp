// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/tls/context.hpp>  // IWYU pragma: export
#include <amphi/tls/error.hpp>    // IWYU pragma: export
#include <amphi/tls/stream.hpp>   // IWYU pragma: export
