// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/thread_pool.hpp>

#include <amphi/base/fork.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/os_thread.hpp>
#include <amphi/exec/task_extras.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace amphi::detail {

namespace {

/// A thread between two jobs. It lives on that thread's stack.
class idle_thread : public list_node<idle_thread> {
public:
    /// Sleeps until a job comes.
    void wait() noexcept {
        while (word_.load(std::memory_order_acquire) == 0)  // sync: threads.hand_over
            futex_wait(word_, 0);
    }
    void hand_over(thread_job job) noexcept {
        next = job;
        const atomic<std::uint32_t>* word = &word_;
        word_.store(1, std::memory_order_release);  // sync: threads.hand_over
        futex_wake(word, 1);
    }
    void rearm() noexcept { word_.store(0, std::memory_order_relaxed); }

    thread_job next;

private:
    // 0 while idle, 1 once a job was handed over. Reset by the thread before it is listed.
    atomic<std::uint32_t> word_{0};
};

/// More idle threads than this are let go: their stacks cost more than starting anew.
constexpr std::size_t idle_max = 64;

struct idle_threads {
    lock guard;
    intrusive_list<idle_thread> list AMPHI_GUARDED_BY(guard);
    std::size_t count AMPHI_GUARDED_BY(guard) = 0;
};

idle_threads* make_idle_threads() {
    return new idle_threads;
}

idle_threads& idle() {
    return one_per_process<idle_threads, make_idle_threads>();
}

void run_jobs(void* first) {
    idle_thread self;
    {
        const std::unique_ptr<thread_job> job(static_cast<thread_job*>(first));
        self.next = *job;
    }
    for (;;) {
        self.next.entry(self.next.argument);
        self.rearm();
        {
            const lock_guard guard(idle().guard);
            if (idle().count == idle_max) return;
            idle().list.push_back(self);
            ++idle().count;
        }
        self.wait();
    }
}

}  // namespace

void start_on_plain_thread(thread_job job) {
    idle_thread* ready = nullptr;
    {
        const lock_guard guard(idle().guard);
        ready = idle().list.pop_front();
        if (ready != nullptr) --idle().count;
    }
    if (ready != nullptr) {
        ready->hand_over(job);
        return;
    }
    auto first = std::make_unique<thread_job>(job);
    detach_os_thread(start_os_thread("amphi-thread", 0, run_jobs, first.get()));
    (void)first.release();  // run_jobs owns it now
}

void start_on_plain_thread(task_block& block) {
    block.make_frame();
    const auto run = [](void* begun) { static_cast<task_block*>(begun)->run_here(); };
    const task_extras* const extras = block.extras();
    if (extras != nullptr && extras->stack_bytes != 0)
        detach_os_thread(start_os_thread("amphi-thread", extras->stack_bytes, run, &block));
    else
        start_on_plain_thread({run, &block});
}

void ask_for_thread(task_block& block, const threads_executor& like) {
    if (like.name() != nullptr) block.set_name(like.name());
    if (like.stack_bytes() != 0) block.make_extras().stack_bytes = like.stack_bytes();
}

}  // namespace amphi::detail
