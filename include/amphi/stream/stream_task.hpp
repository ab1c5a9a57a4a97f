// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/join_handle.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/trace.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

/// What the task that works for a stream sends to it: an item, or what has ended the work, with the
/// trace of it.
template <class T>
class delivery {
    static_assert(
        std::is_nothrow_move_constructible_v<T>,
        "what a stream's own task makes goes through a channel: it must move without throwing"
    );

public:
    explicit delivery(T item) noexcept : item_(std::move(item)) {}
    explicit delivery(std::exception_ptr error) noexcept
        : error_(std::move(error))
        , frames_(take_trace(error_)) {}

    [[nodiscard]] bool failed() const noexcept { return error_ != nullptr; }

    [[nodiscard]] T take() && {
        if (error_) {
            continue_trace(error_, std::move(frames_));
            std::rethrow_exception(std::move(error_));
        }
        return std::move(*item_);
    }

private:
    std::optional<T> item_;
    std::exception_ptr error_;
    trace frames_;
};

/// Streams on their way to the task that asks them. What their bodies hold cannot be seen, so it is
/// not checked.
template <class Streams>
class handed_over {
public:
    explicit handed_over(Streams streams) noexcept : streams_(std::move(streams)) {}
    [[nodiscard]] Streams& operator*() noexcept { return streams_; }

private:
    Streams streams_;
};

/// The task that works for a stream, held by the stream's body: asked to stop when that is left.
class stream_task {
public:
    explicit stream_task(join_handle<> started) noexcept : started_(std::move(started)) {}
    stream_task(const stream_task&) = delete;
    stream_task& operator=(const stream_task&) = delete;
    ~stream_task() { started_.request_stop(); }

    /// At the end of what it has sent. Throws what ended it, if it was not the end.
    [[nodiscard]] auto join() noexcept { return started_.join(); }

private:
    join_handle<> started_;
};

/// Sends what `from` gives until its end, and what it fails with.
template <class T>
task<> send_all(handed_over<stream<T>> from, sender<delivery<T>> to) {
    std::exception_ptr failure;
    try {
        while (std::optional<T> item = co_await (*from).next()) {
            const bool wanted = co_await to.send(delivery<T>(std::move(*item)));
            if (!wanted) co_return;
        }
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) (void)co_await to.send(delivery<T>(std::move(failure)));
}

}  // namespace detail

template <class T>
inline constexpr bool enable_sendable<detail::delivery<T>> = sendable<T>;
template <class Streams>
inline constexpr bool enable_sendable<detail::handed_over<Streams>> = true;

}  // namespace amphi
