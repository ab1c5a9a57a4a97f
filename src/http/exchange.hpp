// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/task.hpp>

#include "curl.hpp"
#include "transfer.hpp"

namespace amphi::http::detail {

/// Carries one transfer to its end in the life of the task that awaits it. Throws what went wrong,
/// and what a cancel throws; the transfer is done in any case.
[[nodiscard]] task<> exchange(transfer& t, const url& target, const curl_slist* addresses);

}  // namespace amphi::http::detail
