// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace amphi {

/// How many CPUs this process may use: those of its affinity mask, but not more than the CPU quota
/// of its cgroup (v2 `cpu.max`, v1 `cpu.cfs_quota_us`) or of any above it, rounded up. Never zero.
/// `root` stands for `/` and may be a made-up tree.
[[nodiscard]] AMPHI_EXPORT std::size_t usable_cpus(const std::string& root = "/");

namespace detail {

/// What the environment variable says, else `usable_cpus`. Throws `std::invalid_argument` when that
/// is not a number from 1 to 1024.
[[nodiscard]] std::size_t default_worker_count(const char* variable);

/// The least CPU quota of this process's cgroups, in CPUs; none where nothing limits them.
[[nodiscard]] AMPHI_EXPORT std::optional<double> cpu_quota(const std::string& root = "/");

}  // namespace detail
}  // namespace amphi
