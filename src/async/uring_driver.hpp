// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/driver.hpp>
#include <amphi/async/event_source.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>
#include <amphi/base/lock.hpp>

#include "uring.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include <pthread.h>

namespace amphi::detail {

/// Waits in an io_uring, in which a poll request is under way for each source.
///
/// Only its worker may enter the ring. So a change (a source attached, modified, detached, or whose
/// poll request has ended) is noted in the source's slot under the lock, and the worker's next turn
/// brings the ring to what the slots say. That turn is
/// - this very call, for a source that detaches on the worker itself: the ring holds the file, and
///   closing it would neither end a connection nor free a port as long as it does;
/// - soon, for one that detaches elsewhere: the worker is woken if it sleeps.
///
/// Each poll request has a key of its own, the slot's number and generation. A completion whose
/// generation has passed is dropped, so events of a source that went away, or whose descriptor's
/// number was used again, reach nobody.
///
/// A call's key is its number, odd where those of poll requests are even. It completes when it is
/// submitted, at the latest in the next turn, and its task waits for that.
class uring_driver final : public driver {
public:
    /// For a thousand connections that are all active; more only cost a further system call.
    static constexpr uring::sizes usual_sizes{64, 1024};

    /// Throws `std::system_error` where there is no ring, or none that polls repeatedly (before
    /// Linux 5.13).
    explicit uring_driver(uring::sizes sizes = usual_sizes);
    ~uring_driver() override;

    [[nodiscard]] const char* name() const noexcept override { return "uring"; }
    void turn(time_point until) noexcept override;
    void wake() noexcept override;
    void attach(event_source& source, int fd, std::uint32_t events) override;
    void modify(event_source& source, std::uint32_t events) override;
    void detach(event_source& source) noexcept override;
    [[nodiscard]] bool begin(ring_send& call) noexcept override;

private:
    struct slot {
        event_source* source = nullptr;  // null: free, or about to be
        int fd = -1;
        std::uint32_t events = 0;
        std::uint32_t generation = 0;  // of the last poll request
        bool polled = false;           // that request is under way
        bool changed = false;          // listed in `changed_`
        bool unasked = false;          // its last event was one that nobody asked for
        bool spent = false;            // EPOLLONESHOT: reported, until the next `modify`
    };

    /// Its events end a turn, that is all.
    class wake_source final : public event_source {
        void on_events(std::uint32_t) noexcept override {}
    };

    [[nodiscard]] bool on_its_worker() const noexcept;
    [[nodiscard]] std::uint64_t key_of(std::uint32_t index) const noexcept AMPHI_REQUIRES(lock_);
    void note_change(std::uint32_t index) noexcept AMPHI_REQUIRES(lock_);
    [[nodiscard]] bool apply_changes() noexcept AMPHI_REQUIRES(lock_);
    void apply_change(std::uint32_t index) noexcept AMPHI_REQUIRES(lock_);
    [[nodiscard]] bool dispatch_completions() noexcept;
    void prefetch_owner(std::uint64_t key) const noexcept AMPHI_REQUIRES(lock_);
    [[nodiscard]] bool dispatch(const uring::completion& done) noexcept AMPHI_REQUIRES(lock_);
    void complete(std::uint32_t number, int result) noexcept;
    void look_at_all_sources() noexcept;
    [[nodiscard]] bool fail_lost_calls() noexcept;

    const pthread_t owner_;
    descriptor wake_;
    wake_source wake_source_;
    uring ring_;

    // The worker's alone: the calls that are under way, and which numbers are free. More of them at
    // a time than tasks run between two turns are not needed.
    std::array<ring_send*, 64> calls_{};
    std::vector<std::uint32_t> free_calls_;
    bool calls_lost_ = false;

    lock lock_;
    std::vector<slot> slots_ AMPHI_GUARDED_BY(lock_);
    // Room in both for all slots, so that noting a change cannot fail.
    std::vector<std::uint32_t> free_slots_ AMPHI_GUARDED_BY(lock_);
    std::vector<std::uint32_t> changed_ AMPHI_GUARDED_BY(lock_);
    // The worker waits in the ring, or is about to, and nobody has woken it for a change yet.
    bool asleep_ AMPHI_GUARDED_BY(lock_) = false;
};

}  // namespace amphi::detail
