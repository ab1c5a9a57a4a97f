// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/condition.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/sync/mutex_core.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include <exception>

namespace amphi {

namespace detail {

/// The wait for a notification. It unlocks the mutex once it stands in the line.
class condition_wait : public operation<condition_wait> {
public:
    condition_wait(condition& on, mutex_core& held) noexcept : on_(on), held_(held) {}

    [[nodiscard]] static bool poll() noexcept { return false; }
    void publish(ticket t) noexcept {
        place_.parked = t;
        unlocked_ = true;
        // A coroutine that is notified at once only goes on after `publish`: it is not armed yet.
        {
            const lock_guard guard(on_.lock_);
            on_.line_.push_back(place_);
        }
        held_.unlock();
    }
    void withdraw() noexcept {
        const lock_guard guard(on_.lock_);
        on_.line_.remove(place_);
    }
    void result() const noexcept {}

    /// Whether it got so far: a stop may have come first.
    [[nodiscard]] bool unlocked() const noexcept { return unlocked_; }

private:
    condition& on_;
    mutex_core& held_;
    place_in_line place_;
    bool unlocked_ = false;
};

namespace {

class mutex_relock : public operation<mutex_relock> {
public:
    static constexpr bool cancellable = false;

    explicit mutex_relock(mutex_core& wanted) noexcept : wanted_(wanted) {}

    [[nodiscard]] bool poll() noexcept { return wanted_.try_lock(); }
    void publish(ticket t) noexcept {
        place_.parked = t;
        wanted_.lock_or_wait(place_);
    }
    void withdraw() noexcept { wanted_.withdraw(place_); }
    void result() const noexcept {}

private:
    mutex_core& wanted_;
    place_in_line place_;
};

}  // namespace

}  // namespace detail

task<> condition::wait_with(detail::mutex_core& held) {
    std::exception_ptr ended;
    detail::condition_wait notified(*this, held);
    try {
        co_await notified;
    } catch (...) {
        ended = std::current_exception();
    }
    if (notified.unlocked()) {
        detail::mutex_relock again(held);
        co_await again;
    }
    if (ended) std::rethrow_exception(ended);
}

void condition::notify_one() noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    (void)to_wake.claim_first(line_);
}

void condition::notify_all() noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    while (to_wake.claim_first(line_) != nullptr) {
    }
}

}  // namespace amphi
