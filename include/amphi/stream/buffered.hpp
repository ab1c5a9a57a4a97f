// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/callable.hpp>
#include <amphi/exec/join_handle.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/stream/buffer_unordered.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_task.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/sync/semaphore.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace amphi {

namespace detail {

/// In the order of the items: what was started for each, or why there are no more.
template <class U>
using started_work = delivery<join_handle<delivery<U>>>;

template <class U, class T, class F>
task<> start_in_order(
    task_scope& jobs, stream<T>& from, F& f, semaphore& room, sender<started_work<U>>& to
) {
    for (;;) {
        auto permit = co_await room.acquire();
        std::optional<join_handle<delivery<U>>> started;
        std::exception_ptr failure;
        try {
            std::optional<T> item = co_await from.next();
            if (!item) co_return;
            started.emplace(co_await jobs.spawn(work_on<U, T, F>, f, std::move(*item)));
        } catch (...) {
            failure = std::current_exception();
        }
        // There is room in the channel for as many as there are permits.
        if (failure) {
            (void)co_await to.send(started_work<U>(std::move(failure)));
            co_return;
        }
        permit.forget();
        (void)co_await to.send(started_work<U>(std::move(*started)));
    }
}

template <class U, class T, class F>
task<> run_in_order(
    handed_over<stream<T>> from, F f, std::shared_ptr<semaphore> room, sender<started_work<U>> to
) {
    co_await scope(start_in_order<U, T, F>, *from, f, *room, to);
}

template <class T, class F>
stream<made_of_task<F, T>> in_order(task_scope& jobs, stream<T> source, std::size_t size, F f) {
    using made = made_of_task<F, T>;
    auto [to, from] = channel<started_work<made>>(size);
    const auto room = std::make_shared<semaphore>(size);
    handed_over<stream<T>> handed(std::move(source));
    stream_task running(
        co_await jobs.spawn(run_in_order<made, T, F>, std::move(handed), f, room, std::move(to))
    );
    while (std::optional<started_work<made>> next = co_await from.receive()) {
        join_handle<delivery<made>> work = std::move(*next).take();
        delivery<made> done = co_await work.join();
        room->release();
        made item = std::move(done).take();
        co_yield std::move(item);
    }
    co_await running.join();
}

template <class F>
class buffered_adaptor {
public:
    buffered_adaptor(task_scope& jobs, std::size_t size, F f)
        : jobs_(jobs)
        , size_(checked_buffer_size(size))
        , f_(std::move(f)) {}

    template <class T>
    [[nodiscard]] auto operator()(stream<T> from) && {
        check_coroutine_function<F, T>();
        return in_order(jobs_, std::move(from), size_, std::move(f_));
    }

private:
    task_scope& jobs_;
    std::size_t size_;
    F f_;
};

}  // namespace detail

/// `from | buffered(jobs, size, f)`: what f(item) comes to for each item, in the order of the
/// items; at most `size` of these tasks are running or done and not taken. f is a coroutine
/// function without captures, as for `spawn`, and owns its item.
///
/// All else is as for `buffer_unordered`, which does not let a result wait for those before it.
template <class F>
[[nodiscard]] detail::buffered_adaptor<F> buffered(task_scope& jobs, std::size_t size, F f) {
    return detail::buffered_adaptor<F>(jobs, size, std::move(f));
}

}  // namespace amphi
