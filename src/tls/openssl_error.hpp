// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

namespace amphi::detail {

/// Why the last call of OpenSSL on this thread has failed, in its words. Empties its queue.
[[nodiscard]] std::string take_openssl_reason();

}  // namespace amphi::detail
