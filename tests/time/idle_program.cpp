// SPDX-License-Identifier: BSL-1.0
// What idle_test.cpp looks at under strace: does something of each kind, then nothing at all until
// its standard input is readable. `idle_program threads|epoll|uring`
#include <amphi/async/runtime.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include <chrono>
#include <string_view>

#include <unistd.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;

void say(std::string_view what) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, what.data(), what.size());
}

task<> nap() {
    co_await sleep_for(2ms);
}

task<> sleep_for_ever() {
    co_await sleep_until(never);
}

task<> wait_for_input() {
    co_await readable(STDIN_FILENO);
}

task<> be_busy() {
    co_await scope([](task_scope& jobs) -> task<> {
        for (int i = 0; i < 10; ++i)
            (void)co_await jobs.spawn(nap);
    });
    // One that fires, and one that does not.
    auto late = co_await as_result(timeout(2ms, sleep_for_ever));
    (void)late;
    co_await timeout(20ms, nap);
    auto no_input = co_await as_result(timeout(2ms, wait_for_input));
    (void)no_input;
}

task<> be_idle() {
    co_await be_busy();
    // A timeout that did not fire leaves its worker one early look, at the time of it.
    co_await sleep_for(50ms);
    co_await scope([](task_scope& jobs) -> task<> {
        (void)co_await jobs.spawn(sleep_for_ever);
        (void)co_await jobs.spawn_on(threads, sleep_for_ever);
        auto input = co_await jobs.spawn(wait_for_input);
        auto other = co_await jobs.spawn(sleep_for_ever);
        say("begin\n");
        co_await input.join();
        say("end\n");
        jobs.request_stop();
    });
}

}  // namespace

int main(int, char** arguments) {
    const std::string_view life = arguments[1];
    if (life == "threads") {
        run(threads, be_idle);
    } else {
        runtime own(runtime_options().workers(2).driver(std::string(life)));
        own.run(be_idle);
    }
}
