// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/spawn.hpp>

#include <amphi/async/runtime.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/fork.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/thread_pool.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/thread_state.hpp>
#include <amphi/task/trace.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>

namespace amphi::detail {

namespace {

constexpr auto patience_at_exit = std::chrono::seconds(1);

class daemon_registry;

/// One daemon of the program, as the registry knows it.
class daemon final : public list_node<daemon>, public end_listener {
public:
    daemon(daemon_registry& registry, task_block& block) noexcept
        : registry_(registry)
        , block_(block) {}

    void code_ended() noexcept override;
    void completed() noexcept override;
    void ends_program() noexcept override {
        code_ended();
        completed();
    }

    /// "'name' at function (file:line)", of the await where its outermost coroutine stands.
    [[nodiscard]] std::string description() const {
        const std::string name = block_.name();
        const std::string text = name.empty() ? std::string("  a task") : "  '" + name + "'";
        // The task may go on meanwhile: then it is the await before or after.
        const std::source_location at =
            block_.frame != nullptr
                ? location_of(block_.frame->await_site.load(std::memory_order_relaxed))
                : std::source_location();
        if (at.line() == 0) return text + " that has awaited nothing\n";
        return text + to_string({trace_entry(at, at)}).substr(1);
    }

private:
    daemon_registry& registry_;
    task_block& block_;
};

/// The daemons of the program, on any executor but a `runtime`'s, which waits for its own.
class daemon_registry {
public:
    [[nodiscard]] end_listener* enter(task_block& block) {
        auto* const entered = new daemon(*this, block);
        live_.fetch_add(1, std::memory_order_relaxed);
        const lock_guard guard(lock_);
        running_.push_back(*entered);
        return entered;
    }
    void code_ended(daemon& d) noexcept {
        const lock_guard guard(lock_);
        running_.remove(d);
    }
    void leave() noexcept {
        if (live_.fetch_sub(1, std::memory_order_release) == 1)  // sync: daemons.live
            futex_wake(&live_, 1);
    }
    [[nodiscard]] stop_state& stop() noexcept { return stop_; }

    void wait_at_exit() noexcept {
        leave_if_daemon();
        stop_.request(stop_reason::cancel);
        const time_point until = clock::now() + patience_at_exit;
        for (;;) {
            const std::uint32_t left = live_.load(std::memory_order_acquire);  // sync: daemons.live
            if (left == 0) return;
            if (!futex_wait(live_, left, until)) {
                report(left);
                return;
            }
        }
    }

private:
    /// Whoever calls exit(3) inside a daemon will not see that end.
    static void leave_if_daemon() noexcept {
        task_block* const caller = current_context().block;
        end_listener* const listener = caller != nullptr ? caller->listener : nullptr;
        if (listener != nullptr) listener->ends_program();
    }

    void report(std::uint32_t left) noexcept {
        std::string text = "amphi: " + std::to_string(left) +
                           " detached tasks did not end within 1 s of exit; abandoned:\n";
        const lock_guard guard(lock_);  // Their frames stay meanwhile.
        std::size_t described = 0;
        for (const daemon* d = running_.front(); d != nullptr; d = running_.next(*d)) {
            if (++described > described_max) {
                text += "  and others\n";
                break;
            }
            text += d->description();
        }
        std::fputs(text.c_str(), stderr);
    }

    static constexpr std::size_t described_max = 20;

    stop_state stop_;
    // Daemons that were started and are not complete.
    atomic<std::uint32_t> live_{0};
    lock lock_;
    // Those whose code has not ended.
    intrusive_list<daemon> running_ AMPHI_GUARDED_BY(lock_);
};

void daemon::code_ended() noexcept {
    registry_.code_ended(*this);
}

void daemon::completed() noexcept {
    daemon_registry& registry = registry_;
    delete this;
    registry.leave();
}

daemon_registry* make_registry() {
    return new daemon_registry;
}

daemon_registry& daemons() {
    daemon_registry& registry = one_per_process<daemon_registry, make_registry>();
    [[maybe_unused]] static const int registered = std::atexit([] { daemons().wait_at_exit(); });
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
    try {
        if (in_program) block.listener = daemons().enter(block);
        start_on(home, block);
    } catch (...) {
        end_listener* const listener = block.listener;
        if (listener != nullptr) listener->code_ended();
        block.stop.detach();
        block.report_error = false;
        block.release();
        if (listener != nullptr) listener->completed();
        throw;
    }
}

}  // namespace amphi::detail
