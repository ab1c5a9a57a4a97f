// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/pipe.hpp"
#include "support/terminal.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace amphi {
namespace {

using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using testing::pipe_ends;
using testing::pipe_reader;
using testing::pipe_writer;

class readable_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, readable_test, testing::all_lives(), testing::name_of_life);

task<> wait_to_read(int fd) {
    co_await readable(fd);
}
task<> wait_to_write(int fd) {
    co_await writable(fd);
}

void fill(const pipe_writer& pipe) {
    const std::array<char, 4096> zeros{};
    while (::write(pipe.fd(), zeros.data(), zeros.size()) > 0) {
    }
}

TEST_P(readable_test, what_is_ready_does_not_wait) {
    run([]() -> task<> {
        pipe_ends ends;
        ends.writer.write_now("x");
        co_await readable(ends.reader.fd());
        co_await writable(ends.writer.fd());
    });
}

TEST_P(readable_test, a_wait_ends_when_bytes_come) {
    run([]() -> task<> {
        pipe_ends ends;
        co_await scope(
            [](task_scope& jobs, pipe_ends& between) -> task<> {
                auto waiting = co_await jobs.spawn(wait_to_read, between.reader.fd());
                EXPECT_FALSE(waiting.done());
                between.writer.write_now("x");
                co_await waiting.join();
            },
            ends
        );
    });
}

TEST_P(readable_test, a_wait_ends_when_the_other_end_closes) {
    run([]() -> task<> {
        pipe_ends ends;
        co_await scope(
            [](task_scope& jobs, pipe_ends& between) -> task<> {
                auto waiting = co_await jobs.spawn(wait_to_read, between.reader.fd());
                between.writer.close();
                co_await waiting.join();
            },
            ends
        );
    });
}

TEST_P(readable_test, a_wait_to_write_ends_when_there_is_room) {
    run([]() -> task<> {
        pipe_ends ends;
        fill(ends.writer);
        co_await scope(
            [](task_scope& jobs, pipe_ends& between) -> task<> {
                auto waiting = co_await jobs.spawn(wait_to_write, between.writer.fd());
                EXPECT_FALSE(waiting.done());
                std::array<char, 8192> drained{};
                EXPECT_EQ(::read(between.reader.fd(), drained.data(), drained.size()), 8192);
                co_await waiting.join();
            },
            ends
        );
    });
}

TEST_P(readable_test, several_may_wait_for_the_same_descriptor) {
    run([]() -> task<> {
        const descriptor event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
        co_await scope(
            [](task_scope& jobs, const descriptor& shared) -> task<> {
                for (int i = 0; i < 3; ++i)
                    (void)co_await jobs.spawn(wait_to_read, shared.get());
                EXPECT_EQ(::eventfd_write(shared.get(), 1), 0);
            },
            event
        );
    });
}

TEST_P(readable_test, a_regular_file_is_always_ready) {
    run([]() -> task<> {
        const descriptor self(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
        co_await readable(self.get());
    });
}

TEST_P(readable_test, a_number_that_is_not_open_is_an_error) {
    for (const int fd : {-1, 1'000'000})
        try {
            run(wait_to_read, fd);
            ADD_FAILURE() << fd << " is not open";
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code().value(), EBADF);
            EXPECT_NE(std::string(error.what()).find(std::to_string(fd)), std::string::npos);
        }
}

TEST_P(readable_test, one_operation_can_be_awaited_again) {
    run([]() -> task<> {
        pipe_ends ends;
        auto ready = readable(ends.reader.fd());
        for (int round = 0; round < 3; ++round) {
            co_await expect_deadline_ends([](auto& waits) -> task<> { co_await waits; }, ready);
            ends.writer.write_now("x");
            co_await ready;
            char read = 0;
            EXPECT_EQ(::read(ends.reader.fd(), &read, 1), 1);
        }
    });
}

TEST_P(readable_test, a_cancel_ends_a_wait_for_a_pipe) {
    run([]() -> task<> {
        pipe_ends ends;
        int reading = ends.reader.fd();
        int writing = ends.writer.fd();
        fill(ends.writer);
        char drained = 0;
        while (::read(reading, &drained, 1) == 1) {
        }
        co_await expect_deadline_ends(wait_to_read, reading);
        co_await expect_stop_ends(wait_to_read, reading);
        fill(ends.writer);
        co_await expect_deadline_ends(wait_to_write, writing);
        co_await expect_stop_ends(wait_to_write, writing);
    });
}

TEST_P(readable_test, a_cancel_ends_a_wait_for_a_terminal) {
    run([]() -> task<> {
        const testing::terminal terminal;
        int fd = terminal.screen.get();
        co_await expect_deadline_ends(wait_to_read, fd);
        co_await expect_stop_ends(wait_to_read, fd);
        EXPECT_EQ(::write(terminal.keyboard.get(), "y\n", 2), 2);
        co_await readable(fd);
    });
}

// What is left of a wait must not be told to the next file with the same number.
TEST_P(readable_test, a_number_that_is_used_again_gets_no_event_of_its_predecessor) {
    run([]() -> task<> {
        const int number = 700;
        for (int round = 0; round < 100; ++round) {
            const descriptor event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
            const descriptor fresh(::dup3(event.get(), number, O_CLOEXEC));
            EXPECT_EQ(fresh.get(), number);
            bool ended = false;
            try {
                co_await timeout(std::chrono::microseconds(200), wait_to_read, fresh.get());
            } catch (const timed_out&) {
                ended = true;
            }
            EXPECT_TRUE(ended) << "round " << round;
            EXPECT_EQ(::eventfd_write(fresh.get(), 1), 0);
        }
    });
}

TEST(readable, a_plain_function_can_wait_too) {
    const pipe_ends ends;
    ends.writer.write_now("x");
    wait(readable(ends.reader.fd()));
}

}  // namespace
}  // namespace amphi
