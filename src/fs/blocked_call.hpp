// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/lock.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include <memory>
#include <optional>

namespace amphi::detail {

/// A system call that may wait for ever and for which the kernel has no readiness: for a lock, for
/// the other end of a named pipe. It is made on a plain thread of its own, in both lives, and a
/// signal to that thread ends it. blocked_call.cpp says why no signal is lost.
///
/// Threads: `make` on its own thread, the rest by who waits.
class blocked_call {
public:
    blocked_call() noexcept = default;
    blocked_call(const blocked_call&) = delete;
    blocked_call& operator=(const blocked_call&) = delete;
    virtual ~blocked_call();

    /// Makes it, and tells who waits.
    void make() noexcept;
    /// Lets it end as soon as can be. It may have been successful before.
    void interrupt() noexcept;

    // For the await.
    [[nodiscard]] bool poll() noexcept;
    void publish(ticket t) noexcept;
    void withdraw() noexcept;
    /// At the end: what `call` gave, or a negated errno; -EINTR when it was interrupted.
    [[nodiscard]] int result() noexcept;

private:
    /// Once; a negated errno for an error. It is repeated after -EINTR.
    [[nodiscard]] virtual int call() noexcept = 0;

    [[nodiscard]] int call_until_done() noexcept;
    [[nodiscard]] bool is_interrupted() noexcept;
    void set_alarm(std::optional<timer_t> alarm) noexcept;
    void finish(int result) noexcept;

    lock lock_;
    bool is_interrupted_ AMPHI_GUARDED_BY(lock_) = false;
    bool is_finished_ AMPHI_GUARDED_BY(lock_) = false;
    int result_ AMPHI_GUARDED_BY(lock_) = 0;
    // Sends the signal; there while the thread may be in the call.
    std::optional<timer_t> alarm_ AMPHI_GUARDED_BY(lock_);
    ticket waiting_ AMPHI_GUARDED_BY(lock_);
};

/// Makes the call and waits for its end. A stop and a deadline interrupt it, and are thrown when it
/// has ended by that; if it was successful all the same, that is the result.
[[nodiscard]] task<int> complete(std::shared_ptr<blocked_call> call);

}  // namespace amphi::detail
