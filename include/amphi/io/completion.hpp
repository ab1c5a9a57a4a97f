// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/assert.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace amphi {

/// Thrown at the await of a `completion` when nobody is left who could complete it.
class AMPHI_EXPORT abandoned_completion : public std::runtime_error {
public:
    abandoned_completion();
    abandoned_completion(const abandoned_completion&) noexcept = default;
    abandoned_completion& operator=(const abandoned_completion&) noexcept = default;
    ~abandoned_completion() override;
};

namespace detail {

/// What a completion and its completers share, kept by a count of all of them.
class AMPHI_EXPORT completion_state {
public:
    completion_state(const completion_state&) = delete;
    completion_state& operator=(const completion_state&) = delete;

    /// True for the one who may write the outcome, and then calls `finish`.
    [[nodiscard]] bool begin() noexcept;
    void finish() noexcept;

    /// Whether there is an outcome; without any completer there is, since none could come.
    [[nodiscard]] bool poll() noexcept;
    void publish(ticket t) noexcept;
    void withdraw() noexcept;

    void add_completer() noexcept;
    /// The last one to leave without having completed abandons the completion.
    void remove_completer() noexcept;
    void remove_completion() noexcept;
    [[nodiscard]] bool is_awaited() const noexcept;

    std::exception_ptr error;  ///< written between `begin` and `finish`

    virtual ~completion_state();

protected:
    completion_state() noexcept = default;

private:
    // open      nobody has completed it
    // writing   by begin: its caller writes the outcome
    // finished  by finish, or when it was abandoned: the outcome may be read
    enum class phase : unsigned char { open, writing, finished };

    mutable lock lock_;
    phase phase_ AMPHI_GUARDED_BY(lock_) = phase::open;
    bool is_awaited_ AMPHI_GUARDED_BY(lock_) = true;
    std::size_t completers_ AMPHI_GUARDED_BY(lock_) = 0;
    ticket waiting_ AMPHI_GUARDED_BY(lock_);
};

template <class T>
class completion_result final : public completion_state {
public:
    std::optional<T> value;

    T take() {
        AMPHI_ASSERT(value.has_value());  // An outcome is taken once.
        T taken = std::move(*value);
        value.reset();
        return taken;
    }
};

template <>
class completion_result<void> final : public completion_state {
public:
    void take() const noexcept {}
};

}  // namespace detail

template <class T>
class completion;

/// The end of a `completion` that is given to a callback. Copies complete the same one: the first
/// outcome counts. When the last of them goes without having completed, the waiter's await throws
/// `abandoned_completion`, so a callback that is never called leaves nobody waiting.
///
/// Threads: any, also one that the library never saw. May outlive the completion.
template <class T>
class completer {
public:
    completer(const completer& other) noexcept : state_(other.state_) {
        if (state_ != nullptr) state_->add_completer();
    }
    completer(completer&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    completer& operator=(completer other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~completer() {
        if (state_ != nullptr) state_->remove_completer();
    }

    /// Completes with a value, constructed from `values`; one that throws in the making completes
    /// with its exception. False, and nothing happens, when it was completed before.
    template <class... Values>
    bool complete(Values&&... values) const noexcept {
        if (!state_->begin()) return false;
        if constexpr (!std::is_void_v<T>) {
            try {
                state_->value.emplace(std::forward<Values>(values)...);
            } catch (...) {
                state_->error = std::current_exception();
            }
        }
        state_->finish();
        return true;
    }

    /// Completes with an exception, which the await throws.
    bool fail(std::exception_ptr error) const noexcept {
        if (!state_->begin()) return false;
        state_->error = std::move(error);
        state_->finish();
        return true;
    }

    /// Whether the completion still exists: else the work may be left undone.
    [[nodiscard]] bool is_awaited() const noexcept { return state_->is_awaited(); }

    /// For callbacks of C, which take a pointer along: gives this end away as one, and takes it
    /// back.
    [[nodiscard]] void* release() noexcept { return std::exchange(state_, nullptr); }
    [[nodiscard]] static completer adopt(void* released) noexcept {
        return completer(*static_cast<detail::completion_result<T>*>(released));
    }

private:
    friend class completion<T>;
    explicit completer(detail::completion_result<T>& counted) noexcept : state_(&counted) {}

    detail::completion_result<T>* state_;
};

/// Turns a callback interface into something to await:
///
///     task<int> measure(sensor& from) {
///         completion<int> reading;
///         from.on_reading([to = reading.to_complete()](int value) { to.complete(value); });
///         co_return co_await reading;
///     }
///
/// Threads: one waiter at a time; completed once, from any thread, never waiting.
/// Cancellation: the wait ends at once. The callback may come later: it completes what is shared
/// with it, and the completion may be awaited again. Its outcome is taken once.
/// Errors: what `fail` was given; `abandoned_completion` when no completer is left.
/// Cost: one allocation.
template <class T>
class completion : public detail::operation<completion<T>> {
public:
    completion() : state_(*new detail::completion_result<T>) {}
    ~completion() { state_.remove_completion(); }

    /// An end for the callback. Make the first one before the await.
    [[nodiscard]] completer<T> to_complete() noexcept {
        state_.add_completer();
        return completer<T>(state_);
    }

    // For the await.
    [[nodiscard]] bool poll() noexcept { return state_.poll(); }
    void publish(detail::ticket t) noexcept { state_.publish(t); }
    void withdraw() noexcept { state_.withdraw(); }
    T result() {
        // Moved, so that it ends with whoever catches it and not on the completer's thread.
        if (state_.error) std::rethrow_exception(std::exchange(state_.error, nullptr));
        return state_.take();
    }

private:
    detail::completion_result<T>& state_;
};

template <class T>
inline constexpr bool enable_sendable<completer<T>> = sendable<T>;

}  // namespace amphi
