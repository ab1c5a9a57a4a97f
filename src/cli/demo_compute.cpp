// SPDX-License-Identifier: BSL-1.0
#include "demo_compute.hpp"

#include <amphi/async/runtime.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <atomic>

namespace amphi::cli {

namespace {

/// What the tasks share; whoever runs them waits for their end.
class hash_work {
public:
    explicit hash_work(std::span<const random_files* const> sets) noexcept : sets_(sets) {}

    /// Verifies the next file; false when there is none.
    [[nodiscard]] bool verify_next() {
        std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
        for (const random_files* const files : sets_) {
            if (index < files->count()) {
                if (!files->is_right(index, files->folder()))
                    wrong_.fetch_add(1, std::memory_order_relaxed);
                return true;
            }
            index -= files->count();
        }
        return false;
    }

    [[nodiscard]] std::size_t wrong() const noexcept {
        return wrong_.load(std::memory_order_relaxed);
    }

private:
    std::span<const random_files* const> sets_;
    // Counters: each value is taken once, and nothing is handed over by them. The join of the tasks
    // orders the last of them before `wrong` is asked.
    detail::atomic<std::size_t> next_{0};
    detail::atomic<std::size_t> wrong_{0};
};

class hash_work_reference {
public:
    explicit hash_work_reference(hash_work& to) noexcept : to_(&to) {}
    [[nodiscard]] hash_work* operator->() const noexcept { return to_; }

private:
    hash_work* to_;
};

}  // namespace

}  // namespace amphi::cli

template <>
inline constexpr bool amphi::enable_sendable<amphi::cli::hash_work_reference> = true;

namespace amphi::cli {

namespace {

task<> hash_files(hash_work_reference work) {
    while (work->verify_next())
        co_await yield();
}

task<> hash_in_tasks(hash_work_reference work, std::size_t tasks) {
    co_await scope(
        [](task_scope& jobs, const hash_work_reference& shared, std::size_t count) -> task<> {
            for (std::size_t i = 0; i < count; ++i)
                (void)co_await jobs.spawn(hash_files, shared);
        },
        work,
        tasks
    );
}

}  // namespace

bool verify_originals(
    std::span<const random_files* const> sets, hashed_on where, std::size_t tasks
) {
    hash_work work(sets);
    if (where == hashed_on::threads) {
        run(threads, hash_in_tasks, hash_work_reference(work), tasks);
    } else {
        runtime one_worker(runtime_options().workers(1));
        one_worker.run(hash_in_tasks, hash_work_reference(work), tasks);
    }
    return work.wrong() == 0;
}

}  // namespace amphi::cli
