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
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace amphi::detail {

/// A place for what a call on another thread gives, a value or an exception: raw memory until then,
/// since most calls stay where they are.
template <class T>
class call_outcome {
    static_assert(
        !std::is_reference_v<T>, "a closure that runs elsewhere returns a value, no reference"
    );

public:
    // NOLINTNEXTLINE(modernize-use-equals-default): a defaulted one would be deleted
    call_outcome() noexcept {}
    call_outcome(const call_outcome&) = delete;
    call_outcome& operator=(const call_outcome&) = delete;
    // NOLINTNEXTLINE(modernize-use-equals-default): the same
    ~call_outcome() {}

    template <class F, class... Args>
    void keep(F& f, Args... args) noexcept {
        try {
            ::new (static_cast<void*>(&value_)) T(f(args...));
            has_value_ = true;
        } catch (...) {
            ::new (static_cast<void*>(&error_)) std::exception_ptr(std::current_exception());
            has_value_ = false;
        }
    }

    /// After `keep`, once.
    [[nodiscard]] T take() {
        const at_exit cleared(*this);
        if (!has_value_) std::rethrow_exception(error_);
        return std::move(value_);
    }
    /// The same for whoever does not want it.
    void drop() noexcept { const at_exit cleared(*this); }

private:
    class at_exit {
    public:
        explicit at_exit(call_outcome& kept) noexcept : kept_(kept) {}
        at_exit(const at_exit&) = delete;
        at_exit& operator=(const at_exit&) = delete;
        ~at_exit() {
            if (kept_.has_value_)
                std::destroy_at(&kept_.value_);
            else
                std::destroy_at(&kept_.error_);
        }

    private:
        call_outcome& kept_;
    };

    union {
        T value_;
        std::exception_ptr error_;
    };
    bool has_value_;
};

template <class T>
using void_as_monostate = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class F, class... Args>
void_as_monostate<std::invoke_result_t<F&, Args...>> call_for_value(F& f, Args... args) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&, Args...>>) {
        f(args...);
        return {};
    } else {
        return f(args...);
    }
}

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

    /// After `done`, one of the two, once.
    [[nodiscard]] void_as_monostate<value> take() { return outcome_.take(); }
    void drop() noexcept { outcome_.drop(); }

private:
    static void run_elsewhere(job& self) noexcept {
        auto& fork = static_cast<forked&>(self);
        {
            const borrowed_context inside(fork.where_);
            const auto call = [&fork] { return call_for_value(fork.f_, true); };
            fork.outcome_.keep(call);
        }
        fork.done_.set();
    }

    F& f_;
    const context* const where_;
    job_latch done_;
    call_outcome<void_as_monostate<value>> outcome_;
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
    return static_cast<std::invoke_result_t<F&>>(entered.take());
}

}  // namespace amphi::detail
