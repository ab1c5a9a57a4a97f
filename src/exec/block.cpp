// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/block.hpp>

#include <amphi/base/assert.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/task_extras.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/thread_state.hpp>
#include <amphi/task/trace.hpp>
#include <amphi/task/waiter.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace amphi::detail {

namespace {

void report(const std::exception_ptr& error, const trace& frames) noexcept {
    const std::string text =
        "amphi: a detached task failed: " + message_of(error) + '\n' + to_string(frames);
    std::fputs(text.c_str(), stderr);
}

}  // namespace

task_block::~task_block() {
    if (report_error && error && !is_cancellation(error, where)) report(error, error_trace());
    delete extras();
}

void task_block::run_here() noexcept {
    thread_state& self = this_thread();
    const context* outer = std::exchange(self.current, &where);
    if (task_extras* const own = extras()) own->name_this_thread();
    if (frame == nullptr) {
        call();
    } else {
        bool suspended = false;
        frame->parent_suspended = &suspended;
        frame->handle().resume();
        AMPHI_ASSERT(!suspended);  // On a plain thread every operation blocks.
    }
    code_ended();
    self.current = outer;
    complete();
}

void task_block::finish() noexcept {
    code_ended();
    complete();
}

void task_block::code_ended() noexcept {
    if (listener != nullptr) listener->code_ended();
    if (frame != nullptr) take_result();
    if (task_extras* const own = extras()) own->end_with_code();
}

task_extras& task_block::make_extras() {
    const lock_guard guard(lock_);
    task_extras* made = extras_.load(std::memory_order_relaxed);
    if (made == nullptr) {
        made = new task_extras;
        extras_.store(made, std::memory_order_release);  // sync: block.extras
    }
    return *made;
}

std::uint64_t task_block::id() {
    return make_extras().id;
}

void task_block::set_name(std::string name) {
    task_extras& named = make_extras();
    const lock_guard guard(lock_);
    named.name = std::move(name);
}

std::string task_block::name() {
    const lock_guard guard(lock_);
    const task_extras* const named = extras();
    return named != nullptr ? named->name : std::string();
}

void task_block::fail(std::exception_ptr why) noexcept {
    error = std::move(why);
    complete();
}

void task_block::inherit(const context& outer) noexcept {
    where.stop = &stop;
    where.deadline = outer.deadline;
    where.timeout = outer.timeout;
    stop.attach(outer.stop);
}

void task_block::publish_joiner(ticket joiner) noexcept {
    const lock_guard guard(lock_);
    AMPHI_ASSERT(!joiner_);
    if (done_.load(std::memory_order_relaxed))
        (void)joiner.claim();  // The joiner is awake: it needs no wake.
    else
        joiner_ = joiner;
}

void task_block::withdraw_joiner() noexcept {
    const lock_guard guard(lock_);
    joiner_ = {};
}

void task_block::complete() noexcept {
    stop.detach();
    end_listener* const told = listener;
    if (error && told != nullptr) told->failed(*this);

    ticket to_wake;
    {
        const lock_guard guard(lock_);
        done_.store(true, std::memory_order_release);  // sync: block.done
        if (joiner_ && joiner_.claim() == claim_result::must_wake) to_wake = joiner_;
    }
    if (to_wake) to_wake.wake();
    // The block first: nothing of a child may outlive its scope.
    release();
    if (told != nullptr) told->completed();
}

void task_block::release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1)  // sync: block.release
        delete this;
}

void task_block::keep_error(std::exception_ptr left) noexcept {
    if (trace frames = take_trace(left); !frames.empty())
        make_extras().error_trace = std::move(frames);
    error = std::move(left);
}

trace task_block::error_trace() const {
    const task_extras* const own = extras();
    return own != nullptr ? own->error_trace : trace();
}

void task_block::begin_take() {
    if (std::exchange(taken_, true))
        throw std::logic_error("a task's result is taken once: keep what the first join gave");
    if (!error) return;
    report_error = false;
    task_extras* const own = extras();
    continue_trace(error, own != nullptr ? std::move(own->error_trace) : trace());
    std::rethrow_exception(std::exchange(error, nullptr));
}

}  // namespace amphi::detail
