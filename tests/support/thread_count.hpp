// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>

#include <unistd.h>

namespace amphi::testing {

inline std::ptrdiff_t thread_count() {
    return std::distance(
        std::filesystem::directory_iterator("/proc/self/task"),
        std::filesystem::directory_iterator()
    );
}

/// Whether there are `count` threads, soon: the kernel counts a thread for a moment after it was
/// joined.
inline bool thread_count_becomes(std::ptrdiff_t count) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (thread_count() != count && std::chrono::steady_clock::now() < limit)
        std::this_thread::yield();
    return thread_count() == count;
}

/// A sanitizer starts a thread of its own with the first one: after this it is there, and nothing
/// else is new.
inline void start_the_sanitizers_thread() {
    const std::filesystem::path own = "/proc/self/task";
    std::filesystem::path started;
    std::thread([&] { started = own / std::to_string(::gettid()); }).join();
    while (std::filesystem::exists(started))
        std::this_thread::yield();
}

}  // namespace amphi::testing
