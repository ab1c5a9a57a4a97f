// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/lock.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

namespace amphi::testing {

/// The least that a source of waits can be: it opens once and hands a value over. Like the sources
/// of the library it keeps one ticket under a lock, claims and transfers under it, and wakes after.
class gate {
public:
    void open(int value) noexcept {
        detail::ticket to_wake;
        {
            const detail::lock_guard guard(lock_);
            open_ = true;
            value_ = value;
            if (waiting_ && waiting_.claim() == detail::claim_result::must_wake) to_wake = waiting_;
        }
        if (to_wake) to_wake.wake();
    }

    void publish(detail::ticket t) noexcept {
        const detail::lock_guard guard(lock_);
        if (open_)
            (void)t.claim();
        else
            waiting_ = t;
    }

    void withdraw() noexcept {
        const detail::lock_guard guard(lock_);
        waiting_ = {};
    }

    [[nodiscard]] bool is_open() noexcept {
        const detail::lock_guard guard(lock_);
        return open_;
    }

    /// After a wait that the gate has ended.
    [[nodiscard]] int value() const noexcept { return value_; }

private:
    detail::lock lock_;
    bool open_ AMPHI_GUARDED_BY(lock_) = false;
    detail::ticket waiting_ AMPHI_GUARDED_BY(lock_);
    int value_ = 0;
};

/// Waits until a gate is open; yields what was handed over.
class gate_operation : public detail::operation<gate_operation> {
public:
    explicit gate_operation(gate& g) noexcept : gate_(g) {}

    [[nodiscard]] bool poll() noexcept { return gate_.is_open(); }
    void publish(detail::ticket t) noexcept { gate_.publish(t); }
    void withdraw() noexcept { gate_.withdraw(); }
    [[nodiscard]] int result() const noexcept { return gate_.value(); }

private:
    gate& gate_;
};

}  // namespace amphi::testing
