// SPDX-License-Identifier: BSL-1.0
#include "worker.hpp"

#include <amphi/async/driver.hpp>
#include <amphi/async/timer.hpp>
#include <amphi/async/worker_job.hpp>
#include <amphi/base/assert.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/base/sanitizer.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/os_thread.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/thread_state.hpp>

#include "local_queue.hpp"
#include "prefetch.hpp"
#include "runtime_core.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace amphi::detail {

namespace {

// How often a busy worker looks where others leave work. Primes, so that no pattern of tasks
// stays in step with them.
constexpr std::uint32_t shared_queue_interval = 61;
constexpr std::uint32_t event_interval = 31;
// Two tasks that wake each other may not keep the rest of the queue waiting.
constexpr std::uint32_t next_runs_max = 3;
// Operations that may complete at once before a task yields. (Tokio's number.)
constexpr std::uint32_t operations_per_turn = 128;
// What an awaited child may need before the next check.
constexpr std::size_t stack_reserve_bytes = std::size_t{64} * 1024;
// The thread sanitizer notes the calls under way in a stack of its own, for 65,536 of them, and
// does not look whether it is full.
constexpr std::size_t sanitized_stack_bytes_max = std::size_t{1} << 20;
// Of the next task in the queue: about what an operation in its innermost frame takes.
constexpr std::size_t frame_bytes = 256;
constexpr std::size_t shared_batch_max = local_queue::capacity / 2;
// Of how many turns, and how many tasks that become runnable, one is timed.
constexpr std::uint32_t sample_interval = 64;

// Never zero, since the clock does not stand at its beginning.
std::uint64_t nanoseconds_of(time_point at) noexcept {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

}  // namespace

worker* this_worker() noexcept {
    return static_cast<worker*>(this_thread().worker);
}

worker::worker(runtime_core& runtime, std::size_t index) noexcept
    : runtime_(runtime)
    , index_(index)
    , random_(static_cast<std::uint32_t>(index) * 2654435761U + 1) {}

void worker::start(const char* name) {
    // First, since the thread may have gone to sleep, and a third one may want to wake it, before
    // this one goes on.
    started_ = true;
    try {
        thread_ = start_os_thread(name, 0, thread_main, this);
    } catch (...) {
        started_ = false;
        throw;
    }
    joinable_.store(true, std::memory_order_release);  // sync: worker.joinable
}

bool worker::join() noexcept {
    if (!joinable()) return false;
    unpark();
    join_os_thread(thread_);
    joinable_.store(false, std::memory_order_relaxed);
    return true;
}

void worker::thread_main(void* self) {
    static_cast<worker*>(self)->become_worker();
    static_cast<worker*>(self)->loop();
    static_cast<worker*>(self)->end_locals();
}

void worker::become_worker() noexcept {
    thread_state& self = this_thread();
    self.worker = this;
    auto low =
        reinterpret_cast<std::uintptr_t>(stack_bottom_of_this_thread()) + stack_reserve_bytes;
    if constexpr (thread_sanitized)
        low = std::max(low, reinterpret_cast<std::uintptr_t>(&low) - sanitized_stack_bytes_max);
    self.stack_low = low;
}

void worker::loop() {
    // Whoever started this thread has counted it as searching.
    searching_ = true;
    run_tasks();
}

void worker::run_tasks() {
    while (promise_base* const frame = next_task())
        resume(*frame);
}

bool worker::run_on_caller(time_point deadline, task_block* awaited) noexcept {
    class alarm final : public timer {
    public:
        alarm(worker& at, task_block* passed_to) noexcept : at_(at), passed_to_(passed_to) {}
        [[nodiscard]] bool rang() const noexcept { return rang_; }

    private:
        void expire() noexcept override {
            if (passed_to_ != nullptr) return passed_to_->pass_on_deadline();
            rang_ = true;
            at_.leave();
        }
        worker& at_;
        task_block* const passed_to_;
        bool rang_ = false;
    };

    const context* const outside = this_thread().current;
    become_worker();
    leaves_ = runtime_.is_empty();
    searching_ = runtime_.idle().woke_up(index_);
    alarm ends(*this, awaited);
    const time_point at = awaited != nullptr ? awaited->where.deadline : deadline;
    if (at != never) ends.arm(at);
    run_tasks();
    ends.disarm();
    (void)runtime_.idle().go_to_sleep(index_, std::exchange(searching_, false));
    thread_state& self = this_thread();
    self.current = outside;
    self.worker = nullptr;
    self.stack_low = 0;
    return !ends.rang();
}

void worker::resume(promise_base& frame) {
    counters_.polls.add();
    const std::uint64_t queued_at = frame.queued_at;
    if (queued_at == 0 && counters_.polls.get() % sample_interval != 0)
        run(frame);
    else
        resume_timed(frame, queued_at);
}

void worker::resume_timed(promise_base& frame, std::uint64_t queued_at) {
    const time_point begin = clock::now();
    if (queued_at != 0) counters_.scheduling_delay.add(duration(nanoseconds_of(begin) - queued_at));
    run(frame);
    counters_.poll_time.add(clock::now() - begin);
}

void worker::run(promise_base& frame) {
    thread_state& self = this_thread();
    self.budget = operations_per_turn;
    // The trampoline: a task that ends detached from this stack names who goes on.
    for (promise_base* next = &frame; next != nullptr; next = std::exchange(self.next, nullptr)) {
        self.current = next->where;
        prefetch(next->where->stop, sizeof(stop_state));
        next->parent_suspended = nullptr;  // It was `queued_at`, or is null already.
        next->handle().resume();
        if (promise_base* const outermost = std::exchange(self.finished, nullptr)) {
            outermost->where->block->finish();
            runtime_.task_ended();
        }
    }
    self.current = nullptr;
}

bool worker::push_next(promise_base& frame) noexcept {
    // What several timers or events make runnable at once goes on in their order.
    if ((parked_ || looking_) && next_ != nullptr) return push_last(frame);
    note_queued(frame);
    promise_base* const displaced = std::exchange(next_, &frame);
    if (displaced == nullptr) return false;
    queue_.push(*displaced, runtime_.shared());
    return !parked_;
}

bool worker::push_last(promise_base& frame) noexcept {
    note_queued(frame);
    queue_.push(frame, runtime_.shared());
    return !parked_;
}

bool worker::push_yielding(promise_base& frame) noexcept {
    const bool others = has_more_to_run();
    return push_last(frame) && others;
}

void worker::note_queued(promise_base& frame) noexcept {
    frame.queued_at = ++pushes_ % sample_interval == 0 ? nanoseconds_of(clock::now()) : 0;
}

promise_base* worker::next_local() noexcept {
    if (next_ != nullptr && next_runs_ < next_runs_max) {
        ++next_runs_;
        return std::exchange(next_, nullptr);
    }
    next_runs_ = 0;
    if (next_ != nullptr) queue_.push(*std::exchange(next_, nullptr), runtime_.shared());
    return queue_.pop();
}

promise_base* worker::take_shared(std::size_t count_max) noexcept {
    promise_base* const first = runtime_.shared().take(count_max);
    if (first == nullptr) return nullptr;
    for (promise_base* rest = std::exchange(first->queue_next, nullptr); rest != nullptr;) {
        promise_base* const next = std::exchange(rest->queue_next, nullptr);
        (void)push_last(*rest);
        rest = next;
    }
    first->queued_at = 0;
    return first;
}

promise_base* worker::steal() noexcept {
    if (!searching_) {
        searching_ = runtime_.idle().begin_search();
        if (!searching_) return nullptr;
    }
    random_ = random_ * 1664525U + 1013904223U;
    const std::size_t count = runtime_.workers().size();
    for (std::size_t i = 0; i < count; ++i) {
        worker& victim = *runtime_.workers()[(random_ + i) % count];
        if (&victim == this) continue;
        const auto [frame, taken] = victim.queue_.steal_into(queue_);
        if (frame == nullptr) continue;
        counters_.steals.add();
        counters_.stolen.add(taken);
        return frame;
    }
    return nullptr;
}

void worker::found_work() noexcept {
    if (searching_) {
        searching_ = false;
        // The last one to search: work may be left that nobody else would look for.
        if (runtime_.idle().end_search() && runtime_.has_work()) runtime_.wake_one();
    }
}

promise_base* worker::next_task() {
    while (!runtime_.stopping() && !leaves_) {
        ++turn_;
        if (turn_ % event_interval == 0) look_at_events(time_point::min());
        promise_base* frame = nullptr;
        if (turn_ % shared_queue_interval == 0) frame = take_shared(1);
        if (frame == nullptr) frame = next_local();
        if (frame == nullptr) frame = take_shared(shared_batch_max);
        if (frame == nullptr) frame = steal();
        if (frame != nullptr) {
            prefetch(queue_.front(), frame_bytes);
            found_work();
            return frame;
        }
        if (!run_jobs()) sleep();
    }
    return nullptr;
}

void worker::sleep() {
    const bool must_look = runtime_.idle().go_to_sleep(index_, std::exchange(searching_, false));
    // Work that was pushed while we were the only one to search, or all were awake, woke nobody.
    if (must_look && runtime_.has_work()) runtime_.wake_one();
    parked_ = true;
    counters_.parks.add();
    park();
    parked_ = false;
    searching_ = runtime_.idle().woke_up(index_);
    if (!queue_.empty()) runtime_.wake_one();
}

void worker::park() {
    std::uint32_t expected = awake;
    const std::uint32_t place = driver_ != nullptr ? in_driver : in_futex;
    if (sleep_state_.compare_exchange_strong(
            expected,
            place,
            std::memory_order_acq_rel,  // sync: worker.sleep
            std::memory_order_acquire   // sync: worker.sleep
        )) {
        if (place == in_driver)
            driver_->turn(timers_.next());
        else
            futex_wait(sleep_state_, in_futex, timers_.next());
    }
    sleep_state_.exchange(awake, std::memory_order_acq_rel);  // sync: worker.sleep
    expire_timers();
    run_jobs();
}

void worker::expire_timers() noexcept {
    if (timers_.next() != never) counters_.timers.add(timers_.expire_until(clock::now()));
}

void worker::unpark() noexcept {
    const std::uint32_t before =
        sleep_state_.exchange(notified, std::memory_order_acq_rel);  // sync: worker.sleep
    if (before == in_futex)
        futex_wake(&sleep_state_, 1);
    else if (before == in_driver)
        driver_->wake();
}

void worker::look_at_events(time_point until) {
    looking_ = true;
    if (driver_ != nullptr) driver_->turn(until);
    expire_timers();
    run_jobs();
    looking_ = false;
}

void worker::post(worker_job& job) noexcept {
    {
        const lock_guard guard(jobs_lock_);
        if (job.is_linked()) return;
        jobs_.push_back(job);
        has_jobs_.store(true, std::memory_order_relaxed);
    }
    if (this_worker() != this) unpark();
}

void worker::take_back(worker_job& job) noexcept {
    const lock_guard guard(jobs_lock_);
    jobs_.remove(job);
}

bool worker::run_jobs() noexcept {
    if (!has_jobs_.load(std::memory_order_relaxed)) return false;
    // Those that are posted meanwhile wait for the next turn, so that tasks come in between.
    worker_job* last = nullptr;
    for (worker_job* job = nullptr; job == nullptr || job != last;) {
        {
            const lock_guard guard(jobs_lock_);
            if (last == nullptr) last = jobs_.back();
            job = jobs_.pop_front();
            has_jobs_.store(!jobs_.empty(), std::memory_order_relaxed);
        }
        if (job == nullptr) break;  // The last one was taken back.
        job->run();
    }
    return true;
}

worker_local* worker::find_local(const void* type) const noexcept {
    for (const auto& [key, kept] : locals_)
        if (key == type) return kept.get();
    return nullptr;
}

void worker::keep_local(const void* type, std::unique_ptr<worker_local> made) {
    locals_.emplace_back(type, std::move(made));
}

void worker::end_locals() noexcept {
    locals_.clear();
}

driver& worker::io() {
    if (driver_ == nullptr) {
        driver_ = make_driver(runtime_.driver());
        driver_->count_in(counters_.io);
    }
    return *driver_;
}

driver& driver_of_this_worker() {
    worker* const here = this_worker();
    AMPHI_ASSERT(here != nullptr);
    return here->io();
}

}  // namespace amphi::detail
