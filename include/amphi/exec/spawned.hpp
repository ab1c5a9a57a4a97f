// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/block.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/scope_core.hpp>
#include <amphi/exec/thread_pool.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/task.hpp>

#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace amphi::detail {

struct nothing {};

/// The arguments of a call until it is over: an optional tuple, which takes no place when it is
/// empty.
template <class Stored>
class kept_arguments {
public:
    template <class... Args>
    explicit kept_arguments(std::in_place_t, Args&&... args)
        : kept_(std::in_place, std::forward<Args>(args)...) {}
    [[nodiscard]] Stored& operator*() noexcept { return *kept_; }
    void reset() noexcept { kept_.reset(); }

private:
    std::optional<Stored> kept_;
};

template <>
class kept_arguments<std::tuple<>> {
public:
    explicit kept_arguments(std::in_place_t) noexcept {}
    [[nodiscard]] std::tuple<>& operator*() noexcept { return kept_; }
    void reset() noexcept {}

private:
    [[no_unique_address]] std::tuple<> kept_;
};

/// A spawned task with a place for its result. A handle knows this much of it.
template <class T>
class result_block : public task_block {
public:
    using kept_result = std::conditional_t<
        std::is_void_v<T>,
        nothing,
        std::optional<std::conditional_t<std::is_void_v<T>, nothing, T>>>;

    /// After `done`, once: the result, or the exception. Throws `std::logic_error` afterwards.
    T take() {
        begin_take();
        if constexpr (!std::is_void_v<T>) {
            // What is left of it after the move ends here, not when the run lets go of the block.
            const cleared_at_exit cleared(result);
            return std::move(*result);
        }
    }

    [[no_unique_address]] kept_result result;

private:
    class cleared_at_exit {
    public:
        explicit cleared_at_exit(kept_result& value) noexcept : value_(value) {}
        cleared_at_exit(const cleared_at_exit&) = delete;
        cleared_at_exit& operator=(const cleared_at_exit&) = delete;
        ~cleared_at_exit() { value_.reset(); }

    private:
        kept_result& value_;
    };
};

/// A spawned task with its callable and arguments. The arguments are gone before `done`.
template <class F, class Call>
class spawned final : public result_block<result_of_run<typename Call::result>> {
    using returned = typename Call::result;
    using value = result_of_run<returned>;

public:
    template <class... Args>
    explicit spawned(F f, Args&&... args)
        : arguments_(std::in_place, std::forward<Args>(args)...)
        , f_(std::move(f)) {}

    void make_frame() override {
        if constexpr (is_task_v<returned>) {
            this->frame = task_access::release(Call::invoke(f_, *arguments_)).release();
            this->frame->where = &this->where;
        }
    }

    void call() noexcept override {
        if constexpr (!is_task_v<returned>) {
            try {
                if constexpr (std::is_void_v<value>)
                    Call::invoke(f_, *arguments_);
                else
                    this->result.emplace(Call::invoke(f_, *arguments_));
            } catch (...) {
                this->keep_error(std::current_exception());
            }
            arguments_.reset();
        }
    }

    void take_result() noexcept override {
        try {
            if (this->frame->error)
                this->keep_error(this->frame->error);
            else if constexpr (is_task_v<returned> && !std::is_void_v<value>)
                this->result.emplace(typed_frame()->take());
        } catch (...) {  // The result's move constructor.
            this->keep_error(std::current_exception());
        }
        destroy_frame();
        arguments_.reset();  // After the frame, whose parameters may refer to them.
    }

private:
    // A task that could not be started still has its frame.
    ~spawned() override { destroy_frame(); }

    [[nodiscard]] promise<value>* typed_frame() const noexcept {
        return static_cast<promise<value>*>(this->frame);
    }
    void destroy_frame() noexcept {
        if constexpr (is_task_v<returned>) {
            const frame_owner<value> owner(typed_frame());
            this->frame = nullptr;
        }
    }

    [[no_unique_address]] kept_arguments<typename Call::stored> arguments_;
    [[no_unique_address]] F f_;
};

/// A spawned task before its start: it holds both references.
template <class T>
class unstarted {
public:
    explicit unstarted(result_block<T>* block) noexcept : handle_(block), run_(block) {}

    /// Starts it as a child that the scope has admitted, on the executor of `home`. Throws when it
    /// cannot be started.
    [[nodiscard]] block_reference<result_block<T>> start_in(scope_core& scope, scheduler* home) {
        run_.forget();
        scope.start(*handle_, home);
        return std::move(handle_);
    }

private:
    block_reference<result_block<T>> handle_;
    block_reference<task_block> run_;
};

/// Stores a call for a run elsewhere, checking that it may cross.
template <class F, class... Args>
[[nodiscard]] auto make_spawned(F f, Args&&... args) {
    using call = owned_call_of<F, Args...>;
    check_callable<F, call>();
    return new spawned<F, call>(std::move(f), std::forward<Args>(args)...);
}

/// The same for a plain thread of some kind.
template <class F, class... Args>
[[nodiscard]] auto make_spawned_on(const threads_executor& where, F f, Args&&... args) {
    auto* const made = make_spawned(std::move(f), std::forward<Args>(args)...);
    if (where.name() == nullptr && where.stack_bytes() == 0) return made;
    try {
        ask_for_thread(*made, where);
    } catch (...) {
        made->release();
        made->release();
        throw;
    }
    return made;
}

template <class F, class... Args>
using spawned_value = result_of_run<typename owned_call_of<F, Args...>::result>;

}  // namespace amphi::detail
