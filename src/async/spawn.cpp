// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/spawn.hpp>

#include <amphi/async/runtime.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/exec/thread_pool.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/thread_state.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace amphi::detail {

namespace {

constexpr auto patience_at_exit = std::chrono::seconds(1);

/// The daemons of the program, on any executor but a `runtime`'s, which waits for its own.
class daemon_registry {
public:
    void enter() noexcept { live_.fetch_add(1, std::memory_order_relaxed); }
    void leave() noexcept {
        if (live_.fetch_sub(1, std::memory_order_release) == 1)  // sync: daemons.live
            futex_wake(&live_, 1);
    }
    [[nodiscard]] stop_state& stop() noexcept { return stop_; }

    void wait_at_exit() noexcept {
        stop_.request(stop_reason::cancel);
        const time_point until = clock::now() + patience_at_exit;
        for (;;) {
            const std::uint32_t left = live_.load(std::memory_order_acquire);  // sync: daemons.live
            if (left == 0) return;
            if (!futex_wait(live_, left, until)) {
                std::fprintf(
                    stderr,
                    "amphi: %u detached tasks did not end within 1 s of exit; abandoned\n",
                    left
                );
                return;
            }
        }
    }

private:
    stop_state stop_;
    // Daemons that were started and are not complete.
    atomic<std::uint32_t> live_{0};
};

// Never destroyed: abandoned daemons may still leave it.
daemon_registry& daemons() {
    static daemon_registry& registry = []() -> daemon_registry& {
        std::atexit([] { daemons().wait_at_exit(); });
        return *new daemon_registry;
    }();
    return registry;
}

}  // namespace

scheduler* home_of_caller() {
    const context* const current = this_thread().current;
    return current != nullptr ? current->home : default_home();
}

void start_detached(task_block& block, scheduler* home) {
    block.where.stop = &block.stop;
    block.report_error = true;
    stop_state* const of_executor = home != nullptr ? home->daemon_stop() : nullptr;
    const bool in_program = of_executor == nullptr;
    block.stop.attach(in_program ? &daemons().stop() : of_executor);
    if (in_program) {
        daemons().enter();
        block.when_complete = []() noexcept { daemons().leave(); };
    }
    try {
        start_on(home, block);
    } catch (...) {
        if (in_program) daemons().leave();
        block.stop.detach();
        block.report_error = false;
        block.release();
        throw;
    }
}

}  // namespace amphi::detail
