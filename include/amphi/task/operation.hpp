// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/waiter.hpp>

#include <algorithm>
#include <concepts>
#include <coroutine>
#include <cstdint>

namespace amphi::detail {

/// The part of an operation that does not depend on its kind.
class AMPHI_EXPORT operation_base {
public:
    operation_base(const operation_base&) = delete;
    operation_base& operator=(const operation_base&) = delete;

    /// Where it will wait: as a branch of another operation, or in a coroutine.
    void set_where(const context& where) noexcept { where_ = &where; }
    [[nodiscard]] const context& where() const noexcept { return *where_; }

protected:
    enum class outcome : std::uint8_t { pending, done, stopped };

    operation_base() noexcept = default;
    ~operation_base() = default;

    /// Begins in `where`; false when a stop or a passed deadline ends it before it began.
    [[nodiscard]] bool begin(const context& where, bool cancellable) noexcept;

    /// Takes one unit of the task's budget; false when it is used up and the task must yield.
    [[nodiscard]] bool spend_budget() const noexcept;

    /// For an operation whose source has no list to keep the ticket in: keeps what `publish` got.
    void keep(const ticket& t) noexcept {
        if (!t.is_of(waiter_)) waiter_.stand_in_for(t);
    }
    [[nodiscard]] ticket kept() noexcept { return waiter_.first_ticket(); }

    [[nodiscard]] bool park() noexcept;
    void unpark() noexcept;

    /// Throws what a stopped wait throws.
    [[noreturn]] void throw_stopped() const;

    const context* where_ = nullptr;
    [[no_unique_address]] waiter waiter_;  // The two below stand in its padding.
    outcome outcome_ = outcome::pending;
    bool cancellable_ = true;
};

/// Where code runs that no task has called: it blocks its thread, and nothing cancels it.
[[nodiscard]] AMPHI_EXPORT const context& outside_of_tasks() noexcept;

/// The context of the code that runs now on this thread.
[[nodiscard]] AMPHI_EXPORT const context& current_context() noexcept;

/// One awaitable leaf: a read, a sleep, a lock, a receive. Written once for both lives: `Derived`
/// says how to try, publish and withdraw, this class how to wait for it, on a plain thread or as a
/// suspended coroutine. A `Derived` has
///
///   bool poll()            tries without waiting; true: done
///   void publish(ticket)   under the source's lock: the source keeps the ticket to claim it when
///                          it is ready; if it is ready already it claims now, and only a claim
///                          that is not lost may take anything
///   void withdraw()        under the source's lock: the source forgets the ticket, if it has it
///   R result()             after the wait; may throw
///
/// and optionally `time_point until()`, when the passing of a time completes it on a plain thread,
/// and `std::span<const descriptor_wait> kernel_waits()`, when a plain thread waits for descriptors
/// too, or `void wait_in_call(waiter&, time_point deadline)`, when it waits for them in a library's
/// own polling call. `bool has_happened()` says, after `withdraw`, that what was waited for has
/// come although something else has ended the wait. `static constexpr bool cancellable = false`
/// makes it ignore stop and deadline; then `void pass_on_deadline()` is called when the deadline
/// passes while a plain thread waits: for joins of tasks on async, which know a stop alone.
template <class Derived>
class operation : public operation_base {
public:
    /// Either life, before anything else: true when it need not suspend. A plain thread waits here.
    [[nodiscard]] bool ready(const context& where) {
        if (!begin(where, is_cancellable())) return true;
        if (self().poll()) {
            outcome_ = outcome::done;
            return spend_budget();
        }
        if (where.suspends()) return false;
        block();
        return true;
    }

    /// The async life: parks `frame`. False when it need not suspend after all. When true, the
    /// frame may be running elsewhere already.
    [[nodiscard]] bool suspend(promise_base& frame) {
        detach_from_stack(frame);
        if (outcome_ == outcome::done) {
            where_->home->schedule_last(frame);
            return true;
        }
        waiter_.prepare(frame);
        return publish() && waiter_.arm();
    }

    decltype(auto) finish() {
        if (outcome_ == outcome::pending) settle();
        if (outcome_ == outcome::stopped) throw_stopped();
        return self().result();
    }

protected:
    operation() noexcept = default;
    ~operation() = default;

private:
    [[nodiscard]] Derived& self() noexcept { return static_cast<Derived&>(*this); }

    static constexpr bool is_cancellable() noexcept {
        if constexpr (requires { Derived::cancellable; })
            return Derived::cancellable;
        else
            return true;
    }
    /// False when a stop came first.
    [[nodiscard]] bool publish() {
        if (!park()) {
            outcome_ = outcome::stopped;
            return false;
        }
        try {
            self().publish(ticket(waiter_, 0));
        } catch (...) {
            // Parts of a select may have been published. Whoever has claimed meanwhile has handed
            // over what must not be lost: then the wait has ended, and well.
            if (waiter_.claim(waiter::stop_source) == claim_result::lost) return true;
            unpark();
            self().withdraw();
            throw;
        }
        return true;
    }

    void block() {
        constexpr bool polls = requires { self().kernel_waits(); };
        constexpr bool calls = requires { self().wait_in_call(waiter_, never); };
        if constexpr (polls || calls)
            waiter_.prepare_polling_thread();
        else
            waiter_.prepare_thread();
        if (!publish()) return;
        if (waiter_.arm()) {
            time_point deadline = is_cancellable() ? where_->deadline : never;
            if constexpr (requires { self().until(); })
                deadline = std::min(deadline, self().until());
            if constexpr (calls) {
                self().wait_in_call(waiter_, deadline);
            } else if constexpr (polls) {
                poll_until(deadline);
            } else {
                if constexpr (requires { self().pass_on_deadline(); })
                    if (!waiter_.sleep_open(where_->deadline)) self().pass_on_deadline();
                waiter_.sleep(deadline);
            }
        }
        settle();
    }

    void poll_until(time_point deadline) {
        try {
            waiter_.sleep_polling(self().kernel_waits(), deadline);
        } catch (...) {
            unpark();
            self().withdraw();
            throw;
        }
    }

    void settle() {
        unpark();
        self().withdraw();
        bool completed = waiter_.claimed_by() < waiter::stop_source;
        if constexpr (requires { self().until(); })
            completed = completed || (waiter_.claimed_by() == waiter::deadline_source &&
                                      self().until() <= where_->deadline);
        if constexpr (requires { self().has_happened(); })
            completed = completed || self().has_happened();
        outcome_ = completed ? outcome::done : outcome::stopped;
    }
};

template <class T>
concept is_operation =
    std::derived_from<T, operation_base> && requires(T& op, const context& where) {
        { op.ready(where) } -> std::same_as<bool>;
    };

/// What `co_await` of an operation makes. It refers to the operation, which is immovable; g++ 12
/// can await an immovable object only so.
template <class Operation>
class operation_awaiter {
public:
    operation_awaiter(Operation& op, const context& where) noexcept : operation_(op) {
        operation_.set_where(where);
    }
    operation_awaiter(const operation_awaiter&) = delete;
    operation_awaiter& operator=(const operation_awaiter&) = delete;

    [[nodiscard]] bool await_ready() { return operation_.ready(operation_.where()); }
    [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> frame) {
        return operation_.suspend(promise_base::of(frame));
    }
    decltype(auto) await_resume() { return operation_.finish(); }

private:
    Operation& operation_;
};

}  // namespace amphi::detail
