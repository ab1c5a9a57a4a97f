// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/compute/forked.hpp>
#include <amphi/compute/job.hpp>
#include <amphi/compute/job_latch.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/frame_cache.hpp>
#include <amphi/task/thread_state.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace amphi::parallel {

/// What the body of a `parallel::scope` spawns into: jobs that may start others, in any number, and
/// may refer to whatever outlives the scope.
///
/// Threads: the body's, and its jobs'.
class AMPHI_EXPORT job_scope {
public:
    /// For `scope`, on a worker.
    explicit job_scope(const detail::thread_state& here) noexcept;
    job_scope(const job_scope&) = delete;
    job_scope& operator=(const job_scope&) = delete;

    /// Calls f, moved or copied into an allocation, on some thread of the pool, perhaps only when
    /// the scope waits. What it throws is thrown by the scope, if it is the first.
    template <class F>
    void spawn(F&& f) {
        start(*new spawned_job<std::decay_t<F>>(*this, std::forward<F>(f)));
    }

    /// For `scope`: waits for all jobs, running some.
    void join() noexcept;
    void throw_failure();
    void failed(std::exception_ptr error) noexcept;

private:
    template <class F>
    class spawned_job final : public detail::job {
    public:
        template <class G>
        spawned_job(job_scope& scope, G&& f)
            : job(run_and_end)
            , scope_(scope)
            , f_(std::forward<G>(f)) {}

        static void* operator new(std::size_t bytes) { return detail::allocate_frame(bytes); }
        static void operator delete(void* place, std::size_t bytes) noexcept {
            detail::free_frame(place, bytes);
        }

    private:
        static void run_and_end(detail::job& self) noexcept {
            auto* const spawned = static_cast<spawned_job*>(&self);
            job_scope& scope = spawned->scope_;
            {
                const detail::borrowed_context inside(scope.where_);
                try {
                    spawned->f_();
                } catch (...) {
                    scope.failed(std::current_exception());
                }
                delete spawned;
            }
            scope.ended();
        }

        job_scope& scope_;
        [[no_unique_address]] F f_;
    };

    void start(detail::job& spawned) noexcept;
    void ended() noexcept;

    const detail::context* const where_;
    detail::compute_worker& home_;
    detail::job_latch done_;
    // The jobs that have not ended, and one for the body.
    detail::atomic<std::uint64_t> running_{1};
    detail::lock lock_;
    std::exception_ptr failure_ AMPHI_GUARDED_BY(lock_);
};

/// Calls `body(job_scope&)` on the compute pool, waits for all that was spawned into it, and gives
/// what the body gave, or throws the first exception of the body or a job. All have ended then, so
/// closures may capture by reference. Called outside of a pool it moves to `compute` and blocks
/// this thread. Cancellation: none of its own; jobs see it by `this_task::stop_requested()`. Throws
/// `would_block_worker` on an async worker.
template <class Body>
auto scope(Body&& body) -> std::invoke_result_t<Body&, job_scope&> {
    using value = std::invoke_result_t<Body&, job_scope&>;
    const detail::thread_state& self = detail::this_thread();
    if (detail::compute_worker_of(self) == nullptr)
        return detail::run_in_pool(detail::pool_of_this_thread(), [&body]() -> value {
            return scope(body);
        });
    job_scope jobs(self);
    std::optional<detail::void_as_monostate<value>> result;
    try {
        const auto call = [&body, &jobs]() -> value { return body(jobs); };
        result.emplace(detail::call_for_value(call));
    } catch (...) {
        jobs.failed(std::current_exception());
    }
    jobs.join();
    jobs.throw_failure();
    return static_cast<value>(std::move(*result));
}

}  // namespace amphi::parallel
