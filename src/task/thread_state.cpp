// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/thread_state.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/fork.hpp>

#include "state_of_this_thread.hpp"

#include <cerrno>

#include <sys/eventfd.h>

namespace amphi::detail {

constinit thread_local thread_state state_of_this_thread;

[[gnu::noinline]] thread_state& this_thread() noexcept {
    return state_of_this_thread;
}

int wake_descriptor_of_this_thread() {
    thread_state& self = this_thread();
    if (self.wake_descriptor < 0) {
        // A fork's only thread shares it with the thread that forked: each needs its own.
        [[maybe_unused]] static const bool renewed = [] {
            call_after_fork([] { this_thread().wake_descriptor = -1; });
            return true;
        }();
        // Closed when the thread ends; by then no wait of the thread is left that could use it.
        thread_local descriptor owner;
        owner.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!owner) throw_system_error(errno, "make a wake-up descriptor for a thread");
        self.wake_descriptor = owner.get();
    }
    return self.wake_descriptor;
}

}  // namespace amphi::detail
