// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>

#include <atomic>
#include <cstdint>

namespace amphi::detail {

class driver;

/// A descriptor that an async worker's driver watches. For those who build I/O on the driver:
/// `watch` (readiness for tasks) and libcurl's sockets.
class AMPHI_EXPORT event_source {
public:
    event_source() noexcept = default;
    event_source(const event_source&) = delete;
    event_source& operator=(const event_source&) = delete;

    /// On an async worker: from now on that worker's driver reports `events` (epoll(7)'s, also
    /// EPOLLET and EPOLLONESHOT) of `fd`. Throws `std::system_error`.
    void attach(int fd, std::uint32_t events);
    /// From any thread: reports other events. Throws `std::system_error`.
    void modify(std::uint32_t events);
    /// From any thread: after it `on_events` is neither called nor running. Before `fd` is closed.
    void detach() noexcept;

    [[nodiscard]] bool is_attached() const noexcept {
        return driver_.load(std::memory_order_relaxed) != nullptr;
    }

protected:
    ~event_source();

private:
    friend class epoll_driver;
    friend class uring_driver;
    /// Called by the driver's worker under the driver's lock: may claim and wake, not attach or
    /// detach.
    virtual void on_events(std::uint32_t events) noexcept = 0;

    // Null, or the driver that reports to this source. Written under that driver's lock. relaxed:
    // whoever asks without it synchronises with nothing but what it waits for.
    atomic<driver*> driver_{nullptr};
    int fd_ = -1;
    std::uint32_t slot_ = 0;
};

}  // namespace amphi::detail
