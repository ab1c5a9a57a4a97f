// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/timer.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

#include <utility>

namespace amphi::detail {

/// An operation that is given up when a time comes: what the `_for` and `_until` forms of waits
/// return. Not a branch of a select, which takes the operation itself and a sleep.
template <class Inner>
class timed_operation final : public operation<timed_operation<Inner>>, private timer {
public:
    static constexpr bool gives_up_alone = true;

    template <class... Args>
    explicit timed_operation(time_point until, Args&&... args)
        : until_(until)
        , inner_(std::forward<Args>(args)...) {}

    [[nodiscard]] bool poll() {
        inner_.set_where(*this->where_);
        if (inner_.poll()) return true;
        expired_ = until_ <= clock::now() && until_ != never;
        return expired_;
    }
    void publish(ticket t) {
        parked_ = t.as(by_time);
        inner_.publish(t);
        if (this->where_->suspends() && until_ != never) arm(until_);
    }
    void withdraw() noexcept {
        inner_.withdraw();
        disarm();
    }
    [[nodiscard]] time_point until() const noexcept { return until_; }
    decltype(auto) result() {
        const waiter::source by = this->waiter_.claimed_by();
        if (expired_ || by == by_time || by == waiter::deadline_source) throw timed_out();
        return inner_.result();
    }

private:
    static constexpr waiter::source by_time = 1;

    void expire() noexcept override {
        if (parked_.claim() == claim_result::must_wake) parked_.wake();
    }

    const time_point until_;
    ticket parked_;
    bool expired_ = false;
    Inner inner_;
};

}  // namespace amphi::detail
