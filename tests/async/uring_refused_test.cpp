// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/driver.hpp>
#include <amphi/async/runtime.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/task.hpp>

#include "support/pipe.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace amphi {
namespace {

/// As a container does it: from now on `number` fails with `error` in this process.
void refuse_system_call(long number, int error) {
    std::array<sock_filter, 4> program{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog filter{program.size(), program.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        std::abort();
}

task<> write_after_a_yield(testing::pipe_writer to) {
    co_await yield();
    to.write_now("x");
}

task<> read_what_comes(task_scope& jobs, testing::pipe_ends& ends, std::size_t& count) {
    (void)co_await jobs.spawn(write_after_a_yield, std::move(ends.writer));
    std::array<std::byte, 8> bytes;
    count = co_await ends.reader.read_some(bytes);
}

/// Waits in the driver of the runtime's only worker.
task<std::size_t> byte_through_a_pipe() {
    testing::pipe_ends ends;
    std::size_t count = 0;
    co_await scope(read_what_comes, ends, count);
    co_return count;
}

/// Returns zero when a process that may not call `number` does its I/O all the same, and says why
/// it has no ring.
int outcome_without(long number, int error) {
    refuse_system_call(number, error);
    runtime chooses(runtime_options().workers(1).driver("auto"));
    if (chooses.run(byte_through_a_pipe) != 1) return 1;
    const detail::driver_choice& found = detail::automatic_driver();
    if (found.name != "epoll") return 2;
    if (found.reason.find("make an io_uring (") != 0) return 3;
    // Who insists is told the cause.
    runtime insists(runtime_options().workers(1).driver("uring"));
    try {
        (void)insists.run(byte_through_a_pipe);
    } catch (const std::system_error& refusal) {
        return refusal.code().value() == error ? 0 : 4;
    }
    return 5;
}

/// A filter cannot be taken off again, hence a process for each.
class uring_refused : public ::testing::Test {
public:
    uring_refused() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(uring_refused, by_a_containers_filter_leaves_epoll) {
    EXPECT_EXIT(
        std::_Exit(outcome_without(SYS_io_uring_setup, EPERM)), ::testing::ExitedWithCode(0), ""
    );
}

TEST_F(uring_refused, by_a_kernel_without_it_leaves_epoll) {
    EXPECT_EXIT(
        std::_Exit(outcome_without(SYS_io_uring_setup, ENOSYS)), ::testing::ExitedWithCode(0), ""
    );
}

TEST_F(uring_refused, by_too_little_memory_leaves_epoll) {
    EXPECT_EXIT(
        std::_Exit(outcome_without(SYS_io_uring_setup, ENOMEM)), ::testing::ExitedWithCode(0), ""
    );
}

TEST_F(uring_refused, when_a_ring_may_be_made_but_not_entered_leaves_epoll) {
    EXPECT_EXIT(
        std::_Exit(outcome_without(SYS_io_uring_enter, EPERM)), ::testing::ExitedWithCode(0), ""
    );
}

}  // namespace
}  // namespace amphi
