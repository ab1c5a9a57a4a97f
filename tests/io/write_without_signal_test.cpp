// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/write_without_signal.hpp>

#include "support/pipe.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <span>
#include <utility>

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

namespace amphi {
namespace {

using testing::pipe_ends;
using write_function = std::ptrdiff_t (*)(int, std::span<const std::byte>) noexcept;

class write_test : public ::testing::TestWithParam<write_function> {
public:
    static std::ptrdiff_t write(int fd) {
        const std::array<std::byte, 3> bytes{};
        return GetParam()(fd, bytes);
    }
};
INSTANTIATE_TEST_SUITE_P(
    ways,
    write_test,
    ::testing::Values(&detail::write_without_signal, &detail::write_with_signal_blocked)
);

bool is_pending(int number) {
    sigset_t pending;
    ::sigpending(&pending);
    return sigismember(&pending, number) == 1;
}

TEST_P(write_test, writes) {
    const pipe_ends ends;
    EXPECT_EQ(write(ends.writer.fd()), 3);
    std::array<std::byte, 8> read{};
    EXPECT_EQ(::read(ends.reader.fd(), read.data(), read.size()), 3);
}

TEST_P(write_test, nobody_who_reads_is_an_error_alone) {
    pipe_ends ends;
    {
        const testing::pipe_reader closed(std::move(ends.reader));
    }
    EXPECT_EQ(write(ends.writer.fd()), -EPIPE);  // SIGPIPE would end the test
    EXPECT_FALSE(is_pending(SIGPIPE));
}

TEST_P(write_test, a_full_pipe_is_an_error) {
    const pipe_ends ends;
    std::ptrdiff_t count = 0;
    for (int i = 0; i < 1'000'000 && count >= 0; ++i)
        count = write(ends.writer.fd());
    EXPECT_EQ(count, -EAGAIN);
}

TEST_P(write_test, what_was_blocked_and_pending_stays_so) {
    pipe_ends ends;
    {
        const testing::pipe_reader closed(std::move(ends.reader));
    }
    sigset_t pipe;
    sigset_t before;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
    EXPECT_EQ(write(ends.writer.fd()), -EPIPE);
    EXPECT_FALSE(is_pending(SIGPIPE));
    ::pthread_kill(::pthread_self(), SIGPIPE);
    EXPECT_EQ(write(ends.writer.fd()), -EPIPE);
    EXPECT_TRUE(is_pending(SIGPIPE));
    int taken = 0;
    ::sigwait(&pipe, &taken);
    EXPECT_EQ(taken, SIGPIPE);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_P(write_test, a_closed_descriptor_is_an_error) {
    EXPECT_EQ(write(-1), -EBADF);
}

}  // namespace
}  // namespace amphi
