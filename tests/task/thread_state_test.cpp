// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/thread_state.hpp>

#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace {

using amphi::detail::this_thread;
using amphi::detail::wake_descriptor_of_this_thread;

TEST(thread_state, is_each_threads_own) {
    const void* const here = &this_thread();
    EXPECT_EQ(&this_thread(), here);
    std::jthread([here] {
        EXPECT_NE(&this_thread(), here);
        EXPECT_EQ(this_thread().current, nullptr);
        EXPECT_EQ(this_thread().worker, nullptr);
        EXPECT_EQ(this_thread().stack_low, 0U);
    }).join();
}

TEST(thread_state, makes_a_wake_descriptor_when_asked_and_closes_it_with_the_thread) {
    int fd = -1;
    std::jthread([&fd] {
        EXPECT_EQ(this_thread().wake_descriptor, -1);
        fd = wake_descriptor_of_this_thread();
        EXPECT_EQ(wake_descriptor_of_this_thread(), fd);
        EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
        EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    }).join();
    EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

}  // namespace
