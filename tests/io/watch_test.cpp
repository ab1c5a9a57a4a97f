// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/pipe.hpp"

#include <array>
#include <chrono>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace amphi {
namespace {

using detail::direction;
using detail::watch;
using testing::pipe_ends;

class watch_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, watch_test, testing::all_lives(), testing::name_of_life);

task<> await_ready(watch& watched, int fd, direction d) {
    detail::ready_operation ready(watched, fd, d);
    co_await ready;
}

task<> await_to_read(watch& watched, int fd) {
    return await_ready(watched, fd, direction::read);
}

class socket_pair {
public:
    socket_pair() {
        std::array<int, 2> fds{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
        here.reset(fds[0]);
        there.reset(fds[1]);
    }
    descriptor here;
    descriptor there;
};

bool take_byte(const pipe_ends& ends) {
    char byte = 0;
    return ::read(ends.reader.fd(), &byte, 1) == 1;
}

TEST_P(watch_test, each_event_ends_a_wait) {
    run([]() -> task<> {
        const pipe_ends ends;
        watch watched;
        for (int round = 0; round < 3; ++round) {
            ends.writer.write_now("x");
            while (!take_byte(ends))
                co_await await_to_read(watched, ends.reader.fd());
        }
    });
}

TEST_P(watch_test, an_event_that_finds_nobody_waiting_is_kept) {
    run([]() -> task<> {
        const pipe_ends ends;
        int fd = ends.reader.fd();
        watch watched;
        co_await testing::expect_deadline_ends(await_to_read, watched, fd);
        ends.writer.write_now("x");
        co_await await_to_read(watched, fd);
        EXPECT_TRUE(take_byte(ends));
    });
}

TEST_P(watch_test, reading_does_not_end_because_writing_could) {
    run([]() -> task<> {
        const socket_pair sockets;
        int fd = sockets.here.get();
        watch watched;
        co_await await_ready(watched, fd, direction::write);
        co_await testing::expect_deadline_ends(await_to_read, watched, fd);
    });
}

TEST_P(watch_test, the_end_of_the_stream_is_remembered) {
    run(
        [](bool suspends) -> task<> {
            socket_pair sockets;
            watch watched;
            EXPECT_FALSE(watched.ended());
            sockets.there.reset();
            co_await await_to_read(watched, sockets.here.get());
            EXPECT_EQ(watched.ended(), suspends);  // A plain thread asks the kernel each time.
        },
        suspends()
    );
}

TEST_P(watch_test, a_regular_file_is_ready) {
    run([]() -> task<> {
        const descriptor self(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
        watch watched;
        co_await await_to_read(watched, self.get());
        co_await await_ready(watched, self.get(), direction::write);
    });
}

/// The watch that several tasks of one test wait on.
class shared_watch {
public:
    explicit shared_watch(watch& of) noexcept : watch_(&of) {}
    [[nodiscard]] watch& get() const noexcept { return *watch_; }

private:
    watch* watch_;
};

}  // namespace

template <>
inline constexpr bool enable_sendable<shared_watch> = true;

namespace {

task<> await_shared(shared_watch watched, int fd) {
    return await_to_read(watched.get(), fd);
}

TEST_P(watch_test, an_event_ends_the_waits_of_all_who_wait_for_it) {
    run([]() -> task<> {
        const pipe_ends ends;
        watch watched;
        co_await scope(
            [](task_scope& jobs, watch& on, const pipe_ends& between) -> task<> {
                for (int i = 0; i < 3; ++i)
                    (void)co_await jobs.spawn(await_shared, shared_watch(on), between.reader.fd());
                co_await sleep_for(std::chrono::milliseconds(5));
                EXPECT_EQ(jobs.running(), 3U);
                between.writer.write_now("x");
            },
            watched,
            ends
        );
    });
}

}  // namespace
}  // namespace amphi
