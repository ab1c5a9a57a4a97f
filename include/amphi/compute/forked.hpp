// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/compute/job.hpp>
#include <amphi/compute/job_latch.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/thread_state.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace amphi::detail {

/// A place for what a call gives, void included.
template <class T>
class call_result {
    static_assert(
        !std::is_reference_v<T>, "a closure that runs elsewhere returns a value, no reference"
    );

public:
    template <class F, class... Args>
    void keep(F& f, Args... args) {
        value_.emplace(f(args...));
    }
    [[nodiscard]] T take() { return std::move(*value_); }

private:
    std::optional<T> value_;
};

template <>
class call_result<void> {
public:
    template <class F, class... Args>
    void keep(F& f, Args... args) {
        f(args...);
    }
    void take() noexcept {}
};

/// What code knows about its task while it runs on another thread than its forker: the same, but
/// with a stop of its own, since one operation at a time may wait below one.
class AMPHI_EXPORT borrowed_context {
public:
    explicit borrowed_context(const context* of) noexcept;
    borrowed_context(const borrowed_context&) = delete;
    borrowed_context& operator=(const borrowed_context&) = delete;
    ~borrowed_context();

private:
    const context* outer_;
    context where_;
    stop_state stop_;
};

/// A closure that somebody waits for, on whose stack it lies. f is called with what says whether it
/// runs on another thread: true.
template <class F>
class forked final : public job {
public:
    using value = std::invoke_result_t<F&, bool>;

    /// `waiter`: the worker that forks; null: a thread from outside.
    forked(F& f, const context* where, compute_worker* waiter) noexcept
        : job(run_elsewhere)
        , f_(f)
        , where_(where)
        , done_(waiter) {}

    [[nodiscard]] job_latch& done() noexcept { return done_; }

    /// After `done`.
    [[nodiscard]] value take() {
        if (error_) std::rethrow_exception(std::move(error_));
        return result_.take();
    }

private:
    static void run_elsewhere(job& self) noexcept {
        auto& fork = static_cast<forked&>(self);
        {
            const borrowed_context inside(fork.where_);
            try {
                fork.result_.keep(fork.f_, true);
            } catch (...) {
                fork.error_ = std::current_exception();
            }
        }
        fork.done_.set();
    }

    F& f_;
    const context* const where_;
    job_latch done_;
    std::exception_ptr error_;
    [[no_unique_address]] call_result<value> result_;
};

class compute_core;

/// The pool of this thread, else the shared one.
[[nodiscard]] AMPHI_EXPORT compute_core& pool_of_this_thread();
/// Whether the thread is one of the pool's.
[[nodiscard]] AMPHI_EXPORT bool is_worker_of(const compute_core& pool) noexcept;
/// Runs the job on one of the pool's threads and blocks until its latch is set. Throws
/// `would_block_worker` on an async worker.
AMPHI_EXPORT void run_and_wait(compute_core& pool, job& injected, job_latch& done);

template <class F>
std::invoke_result_t<F&> run_in_pool(compute_core& pool, F&& f) {
    if (is_worker_of(pool)) return f();
    const auto call = [&f](bool) -> std::invoke_result_t<F&> { return f(); };
    const thread_state& self = this_thread();
    forked<decltype(call)> entered(call, self.current, compute_worker_of(self));
    run_and_wait(pool, entered, entered.done());
    return entered.take();
}

}  // namespace amphi::detail
