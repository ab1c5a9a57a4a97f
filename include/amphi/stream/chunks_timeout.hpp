// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_task.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace amphi {

namespace detail {

template <class T, class Length>
stream<std::vector<T>>
chunked(task_scope& jobs, stream<T> source, std::size_t size, Length patience) {
    auto [to, from] = channel<delivery<T>>(size);
    handed_over<stream<T>> handed(std::move(source));
    stream_task sending(co_await jobs.spawn(send_all<T>, std::move(handed), std::move(to)));
    for (;;) {
        std::optional<delivery<T>> next = co_await from.receive();
        if (!next) break;
        std::vector<T> chunk;
        const time_point over = saturating_add(clock::now(), patience);
        while (next && !next->failed()) {
            chunk.push_back(std::move(*next).take());
            next.reset();
            if (chunk.size() == size) break;
            auto more = co_await select(from.receive(), sleep_until(over));
            if (more.index() == 0) next = std::move(std::get<0>(more));
        }
        if (!chunk.empty()) co_yield std::move(chunk);
        if (next) (void)std::move(*next).take();  // Throws: what came before it was given first.
    }
    co_await sending.join();
}

template <class Length>
class chunks_adaptor {
public:
    chunks_adaptor(task_scope& jobs, std::size_t size, Length patience)
        : jobs_(jobs)
        , size_(size)
        , patience_(patience) {
        if (size == 0) throw std::invalid_argument("a chunk has room for at least one item");
    }

    template <class T>
    [[nodiscard]] stream<std::vector<T>> operator()(stream<T> from) const {
        return chunked(jobs_, std::move(from), size_, patience_);
    }

private:
    task_scope& jobs_;
    std::size_t size_;
    Length patience_;
};

}  // namespace detail

/// `from | chunks_timeout(jobs, size, patience)`: the items in vectors of `size`. One that is not
/// full comes when `patience` has passed since its first item was taken into it, at the end, and
/// before a failure.
///
/// A task of its own, a child of the scope `jobs`, asks the source from the first `next` on; so a
/// time that passes cuts nothing short. It may be a chunk and an item ahead.
/// Threads: as for `merge`.
/// Lifetime: inside the scope. When it is destroyed before its end, its task is asked to stop; the
/// scope joins it. Kept longer, and not asked on, it lets the scope wait for ever.
/// Errors: `std::invalid_argument` for a size of 0.
template <class Rep, class Period>
[[nodiscard]] auto
chunks_timeout(task_scope& jobs, std::size_t size, std::chrono::duration<Rep, Period> patience) {
    return detail::chunks_adaptor<std::chrono::duration<Rep, Period>>(jobs, size, patience);
}

}  // namespace amphi
