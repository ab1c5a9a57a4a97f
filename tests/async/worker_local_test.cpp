// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/async/worker_local.hpp>
#include <amphi/exec/yield.hpp>

#include <thread>

#include <gtest/gtest.h>

namespace amphi::detail {

namespace {

int made = 0;
int ended = 0;

class counter final : public worker_local {
public:
    counter() { ++made; }
    ~counter() override { ++ended; }

    int value = 0;
};

class other final : public worker_local {
public:
    int value = 0;
};

task<int> count() {
    ++worker_local::of_this_worker<other>().value;
    co_await yield();
    co_return ++worker_local::of_this_worker<counter>().value;
}

TEST(worker_local, is_one_of_its_type_on_a_worker_and_ends_with_it) {
    made = ended = 0;
    {
        runtime own(runtime_options().workers(1));
        EXPECT_EQ(own.run(count), 1);
        EXPECT_EQ(own.run(count), 2);
        EXPECT_EQ(made, 1);
        EXPECT_EQ(ended, 0);
    }
    EXPECT_EQ(ended, 1);
}

TEST(worker_local, goes_along_when_another_thread_drives_the_worker) {
    made = ended = 0;
    {
        runtime own(runtime_options().on_caller());
        for (int round = 1; round <= 3; ++round)
            std::thread([&] { EXPECT_EQ(own.run(count), round); }).join();
        EXPECT_EQ(made, 1);
        EXPECT_EQ(ended, 0);
    }
    EXPECT_EQ(ended, 1);
}

TEST(worker_local, of_two_runtimes_on_one_thread_are_two) {
    made = ended = 0;
    for (int round = 1; round <= 2; ++round) {
        runtime own(runtime_options().on_caller());
        EXPECT_EQ(own.run(count), 1);
    }
    EXPECT_EQ(made, 2);
    EXPECT_EQ(ended, 2);
}

}  // namespace

}  // namespace amphi::detail
