// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/callable.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_task.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/sync/semaphore.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

template <class F, class T>
using made_of_task = result_of_run<std::invoke_result_t<F&, T&&>>;

[[nodiscard]] inline std::size_t checked_buffer_size(std::size_t size) {
    if (size == 0) throw std::invalid_argument("the buffer of a stream has room for at least one");
    return size;
}

/// What f(item) comes to. Its failure is the stream's, not the scope's.
template <class U, class T, class F>
task<delivery<U>> work_on(F f, T item) {
    std::exception_ptr failure;
    try {
        U made = co_await f(std::move(item));
        co_return delivery<U>(std::move(made));
    } catch (...) {
        failure = std::current_exception();
    }
    co_return delivery<U>(std::move(failure));
}

template <class U, class T, class F>
task<> work_and_send(F f, T item, sender<delivery<U>> to) {
    delivery<U> done = co_await work_on<U, T, F>(std::move(f), std::move(item));
    (void)to.try_send(std::move(done));  // There is room for as many as there are permits.
}

template <class U, class T, class F>
task<> start_each(
    task_scope& jobs,
    stream<T>& from,
    F& f,
    semaphore& room,
    sender<delivery<U>>& to,
    std::exception_ptr& failure
) {
    for (;;) {
        auto permit = co_await room.acquire();
        try {
            std::optional<T> item = co_await from.next();
            if (!item) co_return;
            co_await jobs.spawn(work_and_send<U, T, F>, f, std::move(*item), to);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) co_return;
        permit.forget();  // Whoever takes the result gives it back.
    }
}

template <class U, class T, class F>
task<> run_each(
    handed_over<stream<T>> from, F f, std::shared_ptr<semaphore> room, sender<delivery<U>> to
) {
    std::exception_ptr failure;
    co_await scope(start_each<U, T, F>, *from, f, *room, to, failure);
    // After the results of all that came before it.
    if (failure) (void)co_await to.send(delivery<U>(std::move(failure)));
}

template <class T, class F>
stream<made_of_task<F, T>> as_they_end(task_scope& jobs, stream<T> source, std::size_t size, F f) {
    using made = made_of_task<F, T>;
    auto [to, from] = channel<delivery<made>>(size);
    const auto room = std::make_shared<semaphore>(size);
    handed_over<stream<T>> handed(std::move(source));
    stream_task running(
        co_await jobs.spawn(run_each<made, T, F>, std::move(handed), f, room, std::move(to))
    );
    while (std::optional<delivery<made>> next = co_await from.receive()) {
        room->release();
        made item = std::move(*next).take();
        co_yield std::move(item);
    }
    co_await running.join();
}

template <class F>
class buffer_unordered_adaptor {
public:
    buffer_unordered_adaptor(task_scope& jobs, std::size_t size, F f)
        : jobs_(jobs)
        , size_(checked_buffer_size(size))
        , f_(std::move(f)) {}

    template <class T>
    [[nodiscard]] auto operator()(stream<T> from) && {
        check_coroutine_function<F, T>();
        return as_they_end(jobs_, std::move(from), size_, std::move(f_));
    }

private:
    task_scope& jobs_;
    std::size_t size_;
    F f_;
};

}  // namespace detail

/// `from | buffer_unordered(jobs, size, f)`: what f(item) comes to for each item, each as soon as
/// it is there; at most `size` of these tasks are running or done and not taken. f is a coroutine
/// function without captures, as for `spawn`, and owns its item.
///
///     auto pages = stream_of(urls) | buffer_unordered(jobs, 8, download);
///     while (auto page = co_await pages.next())
///         use(*page);
///
/// From the first `next` on a task of its own, a child of the scope `jobs`, asks the source and
/// starts the others; so they go on while an item is used. The first failure is the stream's, stops
/// the other tasks and does not touch their scope; one of the source comes after the results of all
/// items before it.
/// Threads: as for `merge`.
/// Lifetime: inside the scope. When it is destroyed before its end, its tasks are asked to stop;
/// the scope joins them. Kept longer, and not asked on, it lets the scope wait for ever.
/// Errors: `std::invalid_argument` for a size of 0.
template <class F>
[[nodiscard]] detail::buffer_unordered_adaptor<F>
buffer_unordered(task_scope& jobs, std::size_t size, F f) {
    return detail::buffer_unordered_adaptor<F>(jobs, size, std::move(f));
}

}  // namespace amphi
