// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/event_source.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace amphi::testing {

/// Remembers what a driver reports.
class observed_source final : public detail::event_source {
public:
    observed_source() noexcept = default;
    ~observed_source() { detach(); }

    [[nodiscard]] int calls() const noexcept { return calls_.load(std::memory_order_relaxed); }
    /// All events since it was last asked.
    [[nodiscard]] std::uint32_t take_events() noexcept {
        return events_.exchange(0, std::memory_order_relaxed);
    }

private:
    void on_events(std::uint32_t events) noexcept override {
        calls_.fetch_add(1, std::memory_order_relaxed);
        events_.fetch_or(events, std::memory_order_relaxed);
    }

    // relaxed: statistics.
    detail::atomic<int> calls_{0};
    detail::atomic<std::uint32_t> events_{0};
};

/// Two connected stream sockets, without any driver.
class socket_ends {
public:
    socket_ends() {
        std::array<int, 2> fds{};
        constexpr int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
        if (::socketpair(AF_UNIX, type, 0, fds.data()) != 0)
            detail::throw_system_error(errno, "make a socket pair");
        here.reset(fds[0]);
        there.reset(fds[1]);
    }

    descriptor here;
    descriptor there;
};

inline void write_byte(const descriptor& to) {
    if (::write(to.get(), "x", 1) != 1) detail::throw_system_error(errno, "write a byte");
}

inline void fill(const descriptor& to) {
    const std::array<char, 4096> zeros{};
    while (::write(to.get(), zeros.data(), zeros.size()) > 0) {
    }
}

inline void drain(const descriptor& from) {
    std::array<char, 4096> bytes;
    while (::read(from.get(), bytes.data(), bytes.size()) > 0) {
    }
}

/// Whether the other end has gone within `milliseconds`: all its descriptors are closed, and no
/// driver holds it.
inline bool sees_end(const descriptor& end, int milliseconds) {
    drain(end);
    pollfd asked{end.get(), POLLRDHUP, 0};
    const time_point limit = clock::now() + std::chrono::milliseconds(milliseconds);
    int ready = ::poll(&asked, 1, milliseconds);
    // Some kernels interrupt a wait though no signal came.
    while (ready < 0 && errno == EINTR && clock::now() < limit)
        ready = ::poll(&asked, 1, milliseconds);
    // A reset is seen as an error a moment before the kernel has marked the connection as ended.
    return ready == 1 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace amphi::testing
