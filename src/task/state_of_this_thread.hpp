// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/thread_state.hpp>

namespace amphi::detail {

/// What `this_thread()` returns, for functions of this room that are not inlined and do not use it
/// beyond a suspension. Trivially destructible, so that it can be used in the destructors of other
/// thread-locals.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local thread_state state_of_this_thread;

}  // namespace amphi::detail
