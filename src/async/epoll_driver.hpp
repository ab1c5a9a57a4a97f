// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/driver.hpp>
#include <amphi/async/event_source.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>
#include <amphi/base/lock.hpp>

#include <cstdint>
#include <vector>

struct epoll_event;

namespace amphi::detail {

/// Waits in epoll_wait(2).
///
/// An event carries the number of a slot and its generation. A source that detaches frees its slot
/// under the lock, and an event is delivered under the lock, so an event that was fetched before
/// the source went away (or its descriptor's number was used again) finds another generation and is
/// dropped.
class epoll_driver final : public driver {
public:
    epoll_driver();
    ~epoll_driver() override;

    [[nodiscard]] const char* name() const noexcept override { return "epoll"; }
    void turn(time_point until) noexcept override;
    void wake() noexcept override;
    void attach(event_source& source, int fd, std::uint32_t events) override;
    void modify(event_source& source, std::uint32_t events) override;
    void detach(event_source& source) noexcept override;

private:
    struct slot {
        event_source* source = nullptr;
        std::uint32_t generation = 0;
    };

    [[nodiscard]] std::uint64_t key_of(std::uint32_t index) const noexcept AMPHI_REQUIRES(lock_);
    [[nodiscard]] int wait(epoll_event* events, time_point until) noexcept;
    void prefetch_source(std::uint64_t key) const noexcept AMPHI_REQUIRES(lock_);
    void dispatch(std::uint64_t key, std::uint32_t events) noexcept AMPHI_REQUIRES(lock_);

    descriptor epoll_;
    descriptor wake_;
    bool precise_timeouts_ = true;  // epoll_pwait2, from kernel 5.11

    lock lock_;
    std::vector<slot> slots_ AMPHI_GUARDED_BY(lock_);
    std::vector<std::uint32_t> free_slots_ AMPHI_GUARDED_BY(lock_);
};

}  // namespace amphi::detail
