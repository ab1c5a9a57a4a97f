// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/run.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/trace.hpp>
#include <amphi/task/waiter.hpp>

namespace amphi::detail {

void run_to_the_end(task_block& block, scheduler* home) {
    block.inherit(current_context());
    try {
        if (home == nullptr)
            block.make_frame();
        else
            home->start(block);
    } catch (...) {
        block.stop.detach();
        block.release();
        throw;
    }
    if (home == nullptr) {
        block.run_here();
    } else if (!home->run_on_caller(block)) {
        // Neither stop nor deadline end this wait: they reach the task, and it ends.
        waiter self;
        self.prepare_thread();
        block.publish_joiner(ticket(self, 0));
        if (self.arm()) {
            if (!self.sleep_open(block.where.deadline)) block.pass_on_deadline();
            self.sleep(never);
        }
        block.withdraw_joiner();
    }
    if (block.error) print_trace_on_terminate();
}

}  // namespace amphi::detail
