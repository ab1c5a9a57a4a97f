// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace amphi::fetch {

/// "0 B", "999 B", "1.5 KB", "12 MB", "3.4 GB": powers of 1,000, as disks and networks count.
[[nodiscard]] std::string in_bytes(std::uint64_t bytes);

/// "0.35 s", "12 s", "3 min 20 s".
[[nodiscard]] std::string in_time_units(std::chrono::milliseconds length);

}  // namespace amphi::fetch
