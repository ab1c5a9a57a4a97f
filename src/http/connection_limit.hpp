// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace amphi::http::detail {

/// How many connections a worker keeps, busy and idle, so that idle ones never take the descriptors
/// that busy ones and files need: half of what the process may open, shared by the workers.
[[nodiscard]] long connections_a_worker();

}  // namespace amphi::http::detail
