// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/write_without_signal.hpp>

#include <amphi/base/atomic.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <span>

#include <pthread.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

namespace amphi::detail {

namespace {

// What send(2) calls MSG_NOSIGNAL, for writes. The headers of older kernels do not know it.
constexpr int rwf_nosignal = 0x100;

// Whether the kernel takes the flag. It begins true and becomes false once, by whoever is refused
// first; relaxed: it carries nothing but itself.
constinit atomic<bool> has_flag{true};

}  // namespace

std::ptrdiff_t call_without_signal(std::ptrdiff_t (*call)(void* what), void* what) noexcept {
    // The signal goes to the thread that calls. Blocked it stays pending, and is taken back before
    // it is let through; one that was pending before is somebody else's.
    sigset_t pipe;
    sigset_t before;
    sigset_t pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigemptyset(&pending);
    ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
    if (sigismember(&before, SIGPIPE) == 1) ::sigpending(&pending);
    const std::ptrdiff_t count = call(what);
    const int error = errno;
    // Also one that has written a part may have raised it.
    if (sigismember(&pending, SIGPIPE) != 1) {
        const timespec at_once{};
        while (::sigtimedwait(&pipe, nullptr, &at_once) < 0 && errno == EINTR) {
        }
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return count >= 0 ? count : -error;
}

std::ptrdiff_t write_with_signal_blocked(int fd, std::span<const std::byte> from) noexcept {
    const auto call = [&]() noexcept { return ::write(fd, from.data(), from.size()); };
    return call_without_signal(call);
}

std::ptrdiff_t write_without_signal(int fd, std::span<const std::byte> from) noexcept {
    if (has_flag.load(std::memory_order_relaxed)) {
        const iovec bytes{const_cast<std::byte*>(from.data()), from.size()};
        const ssize_t count = ::pwritev2(fd, &bytes, 1, -1, rwf_nosignal);
        if (count >= 0) return count;
        if (errno != EOPNOTSUPP && errno != ENOSYS) return -errno;
        has_flag.store(false, std::memory_order_relaxed);
    }
    return write_with_signal_blocked(fd, from);
}

}  // namespace amphi::detail
