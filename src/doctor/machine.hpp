// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amphi::doctor {

/// A limit of the process; none is "unlimited".
class limit {
public:
    std::optional<std::uint64_t> soft;
    std::optional<std::uint64_t> hard;
};

/// What the system's files say of the machine and of this process. What could not be read is none.
class machine {
public:
    std::string kernel;
    std::optional<std::uint64_t> cpus;      ///< that are online
    std::optional<std::uint64_t> affinity;  ///< of them, those that this process may run on
    std::string affinity_list;              ///< as "0-3,8"
    std::optional<double> quota;            ///< in CPUs, of the cgroup or of any above it

    std::optional<std::uint64_t> memory_bytes;
    std::optional<std::uint64_t> available_bytes;
    std::optional<std::uint64_t> memory_limit_bytes;  ///< of the cgroup or of any above it

    std::optional<std::uint64_t> io_uring_disabled;  ///< 0: for nobody, 1: for some, 2: for all
    std::optional<std::int64_t> perf_paranoid;

    limit nofile;
    limit nproc;
    limit memlock;
    std::optional<std::uint64_t> pids_max;     ///< threads, of the cgroup or of any above it
    std::optional<std::uint64_t> threads_max;  ///< of the whole system
    std::optional<std::uint64_t> maps_max;     ///< mappings of a process; a thread takes two

    /// How many threads a process can have here: the least of what limits them.
    [[nodiscard]] std::optional<std::uint64_t> thread_ceiling() const;
};

/// Reads the files. `root` stands for `/` and may be a made-up tree.
[[nodiscard]] machine look(const std::string& root = "/");

/// How many numbers a list as "0-3,8" names; none when it is no such list.
[[nodiscard]] std::optional<std::uint64_t> count_of_list(std::string_view list);

}  // namespace amphi::doctor
