// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/event_source.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace amphi::detail {

enum class direction : std::uint8_t { read, write };

/// One who waits for a direction of a watch.
class watch_waiter : public list_node<watch_waiter> {
public:
    ticket parked;
};

/// The readiness of a non-blocking descriptor, for tasks. A plain thread needs none of it: it asks
/// poll(2). On async the descriptor is registered once, edge-triggered, with the driver of the
/// worker that first waits for it, and stays there.
///
/// Rule of use: try the call first; on EAGAIN await `ready_operation`, then try again. The
/// operation clears the flag before the caller tries, so an edge that comes meanwhile is not lost.
///
/// Threads: any. Lifetime: `detach` (or the destructor) before the descriptor is closed.
class AMPHI_EXPORT watch final : private event_source {
public:
    watch() noexcept = default;
    ~watch() { detach(); }

    using event_source::detach;

    /// Registers `fd` with this worker's driver unless it is. Throws `std::system_error`.
    void attach_once(int fd) {
        if (!is_attached()) attach_first(fd);
    }

    /// Takes the flag of a direction: true when an edge has come since it was last taken.
    [[nodiscard]] bool take(direction d) noexcept;
    void take_or_wait(direction d, watch_waiter& node, ticket t) noexcept;
    void withdraw(direction d, watch_waiter& node) noexcept;

    /// Whether an edge has told of the end of what can be read. No other may follow, so a reader
    /// that has seen all there was must try again rather than wait.
    [[nodiscard]] bool ended() const noexcept { return ended_.load(std::memory_order_relaxed); }

private:
    void attach_first(int fd);
    void on_events(std::uint32_t events) noexcept override;

    lock attaching_;  // before the driver's lock; `lock_` comes after it
    bool pollable_ AMPHI_GUARDED_BY(attaching_) = true;
    lock lock_;
    // Whether an edge has come for a direction that nobody waited for. Written under the lock.
    // relaxed: who reads it without the lock looks again under it before it waits.
    std::array<atomic<bool>, 2> ready_{};
    std::array<intrusive_list<watch_waiter>, 2> waiting_ AMPHI_GUARDED_BY(lock_);
    // Set once, under the lock. relaxed: whoever took the edge has seen it, and to others the flag
    // of that edge is still to come.
    atomic<bool> ended_{false};
};

/// Waits until a direction of a descriptor may be ready. It transfers nothing, so a cancel loses
/// nothing.
class ready_operation : public operation<ready_operation> {
public:
    ready_operation(watch& on, int fd, direction d) noexcept : watch_(on), fd_(fd), direction_(d) {}

    [[nodiscard]] bool poll() {
        if (!where_->suspends()) return false;
        watch_.attach_once(fd_);
        return watch_.take(direction_);
    }
    void publish(ticket t) noexcept {
        if (where_->suspends())
            watch_.take_or_wait(direction_, node_, t);
        else
            describe(t);
    }
    void withdraw() noexcept {
        if (where_->suspends()) watch_.withdraw(direction_, node_);
    }
    void result() const noexcept {}

    [[nodiscard]] std::span<const descriptor_wait> kernel_waits() const noexcept {
        return {&kernel_wait_, 1};
    }

private:
    AMPHI_EXPORT void describe(ticket t) noexcept;

    watch& watch_;
    int fd_;
    direction direction_;
    watch_waiter node_;
    descriptor_wait kernel_wait_{-1, 0, 0};
};

}  // namespace amphi::detail
