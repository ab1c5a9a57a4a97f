// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>

#include <cstdint>

namespace amphi::detail {

class timer_queue;

/// Something that happens at a time on an async worker. Part of whoever waits: arming allocates
/// nothing there.
class AMPHI_EXPORT timer {
public:
    timer() noexcept = default;
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;

    /// On an async worker: `expire` is called at `when`, on that worker. Throws `std::bad_alloc`.
    void arm(time_point when);

    /// On any thread: the same on the worker that `queue` belongs to, which looks at it when it
    /// next goes to sleep or is woken.
    void arm_in(timer_queue& queue, time_point when);

    /// From any thread: after it `expire` is neither called nor running.
    void disarm() noexcept;

protected:
    ~timer();

private:
    friend class timer_queue;
    /// Called under the queue's lock: may claim and wake, not arm or disarm.
    virtual void expire() noexcept = 0;

    timer_queue* queue_ = nullptr;
    std::uint32_t index_ = 0;  // its place in the queue's heap and one; zero: it is in none
};

}  // namespace amphi::detail
