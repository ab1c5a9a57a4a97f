// SPDX-License-Identifier: BSL-1.0
// Awaits ready tasks in one long loop, in both lives: `ready_awaits COUNT`. A compiler that
// makes no tail calls must not use up the stack.
#include <amphi/async/runtime.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/task.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace {

using namespace amphi;

task<long> one(long n) {
    co_return n % 2;
}

task<long> one_through_two(long n) {
    const long got = co_await one(n);
    co_return got;
}

task<long> sum_of_ready(long count) {
    long sum = 0;
    for (long i = 0; i < count; ++i) {
        const long got = co_await one_through_two(i);
        sum += got;
    }
    co_return sum;
}

task<long> one_that_suspends(long n) {
    co_await yield();
    co_return n % 2;
}

task<long> sum_of_suspending(long count) {
    long sum = 0;
    for (long i = 0; i < count; ++i) {
        const long got = co_await one_that_suspends(i);
        sum += got;
    }
    co_return sum;
}

task<> throws() {
    co_await yield();
    throw std::runtime_error("thrown");
}

/// How many of the children of as many scopes were seen to fail.
task<long> failures_of_scopes(long count) {
    long failed = 0;
    for (long i = 0; i < count; ++i) {
        try {
            co_await scope([](task_scope& jobs) -> task<> {
                for (int child = 0; child < 3; ++child)
                    (void)co_await jobs.spawn(throws);
            });
        } catch (const std::runtime_error&) {
            ++failed;
        }
    }
    co_return failed;
}

void expect(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "wrong: %s\n", what);
    std::exit(1);
}

}  // namespace

int main(int, char** arguments) {
    const long count = std::atol(arguments[1]);
    for (const executor where : {executor(threads), executor(async)}) {
        expect(run(where, sum_of_ready, count) == count / 2, "the sum of ready tasks");
        expect(run(where, sum_of_suspending, count / 100) == count / 200, "of suspending ones");
        expect(run(where, failures_of_scopes, 100L) == 100, "the failures of scopes");
    }
    std::printf("%ld\n", count);
}
