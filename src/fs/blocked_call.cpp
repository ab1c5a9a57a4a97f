// SPDX-License-Identifier: BSL-1.0
#include "blocked_call.hpp"

#include <amphi/base/lock.hpp>
#include <amphi/exec/thread_pool.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include <cerrno>
#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

// A signal whose handler does nothing makes a blocked system call fail with EINTR. One that arrives
// just before the call is lost: the thread has looked whether it is interrupted, handles the
// signal, and then blocks. No lock and no mask closes that gap, since only calls such as ppoll(2)
// change the mask and block in one step. So the signal comes from a timer of the kernel, which is
// made before the call, cannot fail to be set, and repeats: whatever it has met the first time, a
// millisecond later the thread is in the call, or has left it. It is deleted by the thread itself
// when it has left. The timer is set by an interrupt alone; without one nothing wakes the thread
// before the call ends.
//
// The signal is a real-time one without a handler: from the upper end, where programs that take
// theirs by sigwait(3) or signalfd(2), without a handler, do not begin. A program that gives it a
// handler while a call is blocked, with SA_RESTART, keeps that call from being interrupted; the
// next call finds another one.

namespace amphi::detail {

namespace {

void do_nothing(int /*number*/) {}

/// A signal with that handler; 0 when all are taken.
int interrupting_signal() noexcept {
    static constinit lock installing;
    const lock_guard guard(installing);
    // Not the last one, which valgrind uses.
    for (int number = SIGRTMAX - 1; number > SIGRTMIN; --number) {
        struct sigaction now{};
        if (::sigaction(number, nullptr, &now) != 0 || (now.sa_flags & SA_SIGINFO) != 0) continue;
        if (now.sa_handler == do_nothing) return number;
        if (now.sa_handler != SIG_DFL) continue;
        struct sigaction ours{};
        ours.sa_handler = do_nothing;  // and no SA_RESTART
        sigemptyset(&ours.sa_mask);
        if (::sigaction(number, &ours, nullptr) == 0) return number;
    }
    return 0;
}

/// Lets a signal through on this thread, and none of it is left behind.
class open_to_signal {
public:
    explicit open_to_signal(int number) noexcept {
        sigemptyset(&set_);
        sigaddset(&set_, number);
        ::pthread_sigmask(SIG_UNBLOCK, &set_, &before_);
    }
    open_to_signal(const open_to_signal&) = delete;
    open_to_signal& operator=(const open_to_signal&) = delete;
    ~open_to_signal() {
        ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        const timespec at_once{};
        while (::sigtimedwait(&set_, nullptr, &at_once) > 0 || errno == EINTR) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    sigset_t set_{};
    sigset_t before_{};
};

template <bool Cancellable>
class end_of_call : public operation<end_of_call<Cancellable>> {
public:
    static constexpr bool cancellable = Cancellable;

    explicit end_of_call(blocked_call& call) noexcept : call_(call) {}

    [[nodiscard]] bool poll() noexcept { return call_.poll(); }
    void publish(ticket t) noexcept { call_.publish(t); }
    void withdraw() noexcept { call_.withdraw(); }
    void result() const noexcept {}

private:
    blocked_call& call_;
};

using shared_call = std::shared_ptr<blocked_call>;

void run_call(void* owned) {
    const std::unique_ptr<shared_call> call(static_cast<shared_call*>(owned));
    (*call)->make();
}

}  // namespace

blocked_call::~blocked_call() = default;

void blocked_call::make() noexcept {
    const int number = interrupting_signal();
    if (number == 0) return finish(-EAGAIN);
    const open_to_signal opened(number);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = number;
    event._sigev_un._tid = ::gettid();  // sigev_notify_thread_id, since glibc 2.38
    timer_t alarm{};
    if (::timer_create(CLOCK_MONOTONIC, &event, &alarm) != 0) return finish(-errno);
    set_alarm(alarm);
    const int result = call_until_done();
    set_alarm(std::nullopt);  // Nobody sets it any more.
    ::timer_delete(alarm);
    finish(result);
}

int blocked_call::call_until_done() noexcept {
    while (!is_interrupted()) {
        const int result = call();
        if (result != -EINTR) return result;
    }
    return -EINTR;
}

void blocked_call::interrupt() noexcept {
    const lock_guard guard(lock_);
    is_interrupted_ = true;
    if (!alarm_) return;
    itimerspec often{};
    often.it_value.tv_nsec = 1;
    often.it_interval.tv_nsec = 1'000'000;
    ::timer_settime(*alarm_, 0, &often, nullptr);
}

bool blocked_call::is_interrupted() noexcept {
    const lock_guard guard(lock_);
    return is_interrupted_;
}

void blocked_call::set_alarm(std::optional<timer_t> alarm) noexcept {
    const lock_guard guard(lock_);
    alarm_ = alarm;
}

void blocked_call::finish(int result) noexcept {
    ticket to_wake;
    {
        const lock_guard guard(lock_);
        is_finished_ = true;
        result_ = result;
        if (waiting_ && waiting_.claim() == claim_result::must_wake) to_wake = waiting_;
    }
    if (to_wake) to_wake.wake();
}

bool blocked_call::poll() noexcept {
    const lock_guard guard(lock_);
    return is_finished_;
}

void blocked_call::publish(ticket t) noexcept {
    const lock_guard guard(lock_);
    if (is_finished_)
        (void)t.claim();
    else
        waiting_ = t;
}

void blocked_call::withdraw() noexcept {
    const lock_guard guard(lock_);
    waiting_ = ticket();
}

int blocked_call::result() noexcept {
    const lock_guard guard(lock_);
    return result_;
}

task<int> complete(std::shared_ptr<blocked_call> call) {
    auto owned = std::make_unique<shared_call>(call);
    start_on_plain_thread({run_call, owned.get()});
    (void)owned.release();  // run_call owns it now
    std::exception_ptr stopped;
    try {
        end_of_call<true> end(*call);
        co_await end;
    } catch (...) {
        stopped = std::current_exception();
    }
    if (stopped) {
        call->interrupt();
        end_of_call<false> end(*call);
        co_await end;
        if (call->result() == -EINTR) std::rethrow_exception(stopped);
    }
    co_return call->result();
}

}  // namespace amphi::detail
