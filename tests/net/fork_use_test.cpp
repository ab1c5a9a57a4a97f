// SPDX-License-Identifier: BSL-1.0
// A process that forks while amphi has threads: the child has none of them, and starts anew.
#include <amphi/async/runtime.hpp>
#include <amphi/async/spawn.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/net/resolve.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/build.hpp"
#include "support/pipe.hpp"
#include "support/tcp_pair.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

task<> nap() {
    co_await sleep_for(100us);
}

task<> sleep_for_ever() {
    co_await sleep_until(never);
}

task<> wait_for_input(int fd) {
    co_await readable(fd);
}

/// Something of each kind that has threads, descriptors or lists that a fork inherits.
task<> use_everything() {
    co_await scope([](task_scope& jobs) -> task<> {
        for (int i = 0; i < 5; ++i) {
            (void)co_await jobs.spawn_on(threads, nap);
            (void)co_await jobs.spawn_on(async, nap);
        }
    });
    co_await on(threads, [] {});
    (void)co_await net::resolve("localhost", std::uint16_t{80});
    auto pair = co_await testing::connected_pair();
    std::array<std::byte, 1> byte{};
    (void)co_await pair.client.write_some(byte);
    (void)co_await pair.server.read_some(byte);
    const testing::pipe_ends silent;
    bool ended = false;
    try {
        co_await timeout(1ms, wait_for_input, silent.reader.fd());
    } catch (const timed_out&) {
        ended = true;
    }
    if (!ended) throw std::logic_error("a pipe was readable");
    const auto stopped = [](task_scope& jobs, int fd) -> task<> {
        (void)co_await jobs.spawn_on(threads, wait_for_input, fd);
        co_await sleep_for(1ms);
        jobs.request_stop();
    };
    co_await scope(stopped, silent.reader.fd());
}

void use_both_lives() {
    run(threads, use_everything);
    run(async, use_everything);
}

TEST(fork_use, leaves_the_child_a_library_that_works) {
    if (testing::thread_sanitized) GTEST_SKIP() << "the sanitizer refuses threads after a fork";
    if (testing::address_sanitized)
        GTEST_SKIP() << "what the parent's threads own counts as leaked";
    use_both_lives();
    runtime own(runtime_options().workers(1));
    own.run(nap);
    (void)spawn_on(threads, sleep_for_ever);
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        try {
            use_both_lives();
            bool refused = false;
            try {
                own.run(nap);
            } catch (const std::logic_error&) {
                refused = true;
            }
            (void)spawn_on(async, sleep_for_ever);
            // With exit handlers, which end the child's daemons and not its parent's.
            std::exit(refused ? 5 : 1);
        } catch (const std::exception&) {
            ::_exit(2);
        }
    }
    use_both_lives();
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 5);
    use_both_lives();
}

}  // namespace
}  // namespace amphi
