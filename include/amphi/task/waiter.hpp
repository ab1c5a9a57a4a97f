// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>

#include <cstdint>
#include <span>

namespace amphi::detail {

class promise_base;
class ticket;

/// What `waiter::claim` found.
enum class claim_result : std::uint8_t {
    lost,      ///< somebody else ends this wait: leave the waiter alone
    early,     ///< ours, and the owner is still awake: do not wake it
    must_wake  ///< ours, and the owner sleeps: `wake` exactly once, as the last access
};

/// A descriptor that a plain thread waits for: poll(2)'s events, and the source that they are.
struct descriptor_wait {
    int fd;
    short events;
    std::uint8_t by;
};

/// Who is parked on an operation: a suspended coroutine, or a blocked thread. It lives in the
/// operation, so a wait allocates nothing. waiter.md tells the protocol and why it is right:
///
///   prepare -> (publish to each source) -> arm -> sleep;   claim -> (transfer) -> wake
///
/// Any number of sources (a lock's list, a stop, a timer, a descriptor) may hold a pointer to one
/// waiter; exactly one of them wins `claim`, says by its number that it did, and hands over its
/// result before it calls `wake`. Nobody but the winner may touch the waiter after that.
///
/// Threads: claim and wake from any thread, also one that the library never saw; the rest is the
/// owner's.
class AMPHI_EXPORT waiter {
public:
    /// The number by which a source names itself. Those of the library itself come last.
    using source = std::uint8_t;
    static constexpr source stop_source = 0xfe;
    static constexpr source deadline_source = 0xff;

    waiter() noexcept = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

    /// Owner: begins a wait of a coroutine, or of the calling thread.
    void prepare(promise_base& frame) noexcept;
    void prepare_thread() noexcept;

    /// Owner: begins a wait of the calling thread that will sleep in `sleep_polling`. Throws
    /// `std::system_error` when the thread's wake-up descriptor cannot be made.
    void prepare_polling_thread();

    /// Owner: all sources know the waiter. False when one has claimed it already: do not sleep.
    /// When true for a coroutine, it may be running elsewhere already: touch nothing of it.
    [[nodiscard]] bool arm() noexcept;

    /// Owner, a thread: sleeps until woken, or ends the wait itself when `deadline` has passed.
    void sleep(time_point deadline) noexcept;

    /// Owner, a thread: sleeps until claimed; false when `deadline` has passed first. The wait is
    /// not over then: `sleep` ends it.
    [[nodiscard]] bool sleep_open(time_point deadline) noexcept;

    /// Owner, a thread: as `sleep`, but also ends the wait when one of the descriptors is ready.
    /// Throws `std::system_error` when the kernel refuses to wait.
    void sleep_polling(std::span<const descriptor_wait> watched, time_point deadline);

    /// Owner, a thread that waits in a library's own polling call instead of `sleep_polling`: it
    /// polls this descriptor too, which becomes readable when a source has ended the wait. Whatever
    /// ended its call, it then calls `end_polling`, once.
    [[nodiscard]] int wake_descriptor() const noexcept { return wake_descriptor_; }

    /// Owner: ends the wait as `by`. False when a source was first.
    bool end_polling(source by) noexcept;

    /// Owner, whose operation is a branch of another one and waits behind that one's waiter: keeps
    /// its ticket in place of a wait of its own. Before the ticket is published.
    void stand_in_for(const ticket& other) noexcept;

    /// The ticket by which the source of this operation claims: that one, or number 0 of this wait.
    [[nodiscard]] ticket first_ticket() noexcept;

    /// Owner: who ended the wait.
    [[nodiscard]] source claimed_by() const noexcept;

    /// A source: tries to be the one that ends the wait. Call under the source's own lock.
    [[nodiscard]] claim_result claim(source by) noexcept;

    /// A source that was told `must_wake`. `*this` may be gone when it returns.
    void wake() noexcept;

private:
    enum class kind : std::uint8_t { coroutine, thread, polling_thread, stand_in };

    // Low byte: the claiming source; of a stand-in the number of the ticket that it keeps, and no
    // more. Above it, one of:
    //   preparing   by prepare: sources may know the waiter, the owner is awake
    //   armed       by arm: the owner sleeps, or is about to
    //   claimed     by claim: a source has won; when it was armed, its wake is still to come
    //   woken       by wake, threads only: nobody but the owner touches the waiter any more
    static constexpr std::uint32_t preparing = 0x100;
    static constexpr std::uint32_t armed = 0x200;
    static constexpr std::uint32_t claimed = 0x300;
    static constexpr std::uint32_t woken = 0x400;

    // A coroutine's frame; of a polling thread, its descriptor; of a stand-in, whom it stands for.
    union {
        promise_base* frame_ = nullptr;
        int wake_descriptor_;
        waiter* stands_for_;
    };
    atomic<std::uint32_t> state_{0};
    kind kind_ = kind::coroutine;
};

/// A waiter as one source knows it: with the number by which that source claims. Copied freely.
class ticket {
public:
    ticket() noexcept = default;
    ticket(waiter& w, waiter::source by) noexcept : waiter_(&w), by_(by) {}

    [[nodiscard]] explicit operator bool() const noexcept { return waiter_ != nullptr; }
    [[nodiscard]] claim_result claim() const noexcept { return waiter_->claim(by_); }
    void wake() const noexcept { waiter_->wake(); }

    [[nodiscard]] waiter::source source() const noexcept { return by_; }
    [[nodiscard]] bool is_of(const waiter& w) const noexcept { return waiter_ == &w; }
    /// The same waiter for another source.
    [[nodiscard]] ticket as(waiter::source by) const noexcept { return {*waiter_, by}; }

private:
    friend class waiter;
    waiter* waiter_ = nullptr;
    waiter::source by_ = 0;
};

}  // namespace amphi::detail
