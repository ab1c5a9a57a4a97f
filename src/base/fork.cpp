// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/fork.hpp>

#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>

#include <atomic>
#include <cstdint>

#include <pthread.h>

namespace amphi::detail {

namespace {

// Changed in a fork's child alone, where nobody else runs; hence relaxed.
constinit atomic<std::uint32_t> generation{0};

}  // namespace

void call_after_fork(void (*act)()) {
    const int error = ::pthread_atfork(nullptr, nullptr, act);
    if (error != 0) throw_system_error(error, "prepare for a fork");
}

std::uint32_t fork_generation() {
    [[maybe_unused]] static const bool counts = [] {
        call_after_fork([] { generation.fetch_add(1, std::memory_order_relaxed); });
        return true;
    }();
    return generation.load(std::memory_order_relaxed);
}

}  // namespace amphi::detail
