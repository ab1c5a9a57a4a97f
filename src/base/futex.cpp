// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/futex.hpp>

#include <cerrno>
#include <chrono>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace amphi::detail {

#if !defined(AMPHI_INTERLEAVE)

bool futex_wait(
    const atomic<std::uint32_t>& word, std::uint32_t expected, time_point deadline
) noexcept {
    static_assert(sizeof(word) == sizeof(std::uint32_t), "the kernel compares a plain word");
    timespec until{};
    timespec* timeout = nullptr;
    if (deadline != never) {
        // FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC, which is steady_clock here.
        auto since = deadline.time_since_epoch();
        if (since < duration::zero()) since = duration::zero();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
        until.tv_sec = seconds.count();
        until.tv_nsec = std::chrono::nanoseconds(since - seconds).count();
        timeout = &until;
    }
    const long result = syscall(
        SYS_futex,
        &word,
        FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG,
        expected,
        timeout,
        nullptr,
        FUTEX_BITSET_MATCH_ANY
    );
    return result == 0 || errno != ETIMEDOUT;
}

void futex_wake(const atomic<std::uint32_t>* word, int count) noexcept {
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, nullptr, nullptr, 0);
}

#endif

}  // namespace amphi::detail
