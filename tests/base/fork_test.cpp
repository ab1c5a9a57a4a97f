// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/fork.hpp>

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace amphi::detail;

struct shared_thing {
    int uses = 0;
};

shared_thing* make_thing() {
    return new shared_thing;
}

shared_thing& thing() {
    return one_per_process<shared_thing, make_thing>();
}

/// What `child` returned in a fork.
template <class F>
int in_a_fork(F child) {
    const pid_t forked = ::fork();
    if (forked == 0) ::_exit(child());
    int status = 0;
    EXPECT_EQ(::waitpid(forked, &status, 0), forked);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(fork, gives_the_child_an_object_of_its_own) {
    thing().uses = 7;
    const shared_thing* const parents = &thing();
    EXPECT_EQ(in_a_fork([&] { return &thing() != parents && thing().uses == 0 ? 0 : 1; }), 0);
    EXPECT_EQ(&thing(), parents);
    EXPECT_EQ(thing().uses, 7);
}

TEST(fork, is_counted) {
    const std::uint32_t here = fork_generation();
    EXPECT_EQ(fork_generation(), here);
    EXPECT_EQ(in_a_fork([&] { return static_cast<int>(fork_generation() - here); }), 1);
    EXPECT_EQ(
        in_a_fork([&] {
            return in_a_fork([&] { return static_cast<int>(fork_generation() - here); });
        }),
        2
    );
}

shared_thing* make_another_thing() {
    return new shared_thing;
}

TEST(one_per_process, is_one_for_all_threads) {
    constexpr std::size_t count = 8;
    std::vector<shared_thing*> seen(count);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i)
        threads.emplace_back([&seen, i] {
            seen[i] = &one_per_process<shared_thing, make_another_thing>();
        });
    for (std::thread& each : threads)
        each.join();
    for (const shared_thing* one : seen)
        EXPECT_EQ(one, seen[0]);
}

}  // namespace
