// SPDX-License-Identifier: BSL-1.0
// How soon a stop and a deadline end each kind of wait, in each life: a table, and a limit on its
// medians. What is not in it is documented to end first: a call to a regular file, which
// nothing ends, and a third party's awaitable, which knows of no stop.
#include <amphi/async/runtime.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/when.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/io/completion.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/time/interval.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "net/lookup_pool.hpp"
#include "support/borrowed.hpp"
#include "support/build.hpp"
#include "support/full_listener.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"
#include "support/pipe.hpp"
#include "support/tcp_pair.hpp"
#include "support/temp_folder.hpp"
#include "support/terminal.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::gate;

using microseconds = std::chrono::duration<double, std::micro>;

constexpr std::size_t samples = 11;
constexpr microseconds limit = amphi::testing::sanitized ? 50ms : 5ms;

/// Tells that a task is about to wait.
using flag = std::atomic<bool>;

task<> sleep_long(borrowed<flag> waits) {
    waits->store(true);
    co_await sleep_for(1h);
}

task<> pass_closed(borrowed<flag> waits) {
    gate closed;
    waits->store(true);
    co_await closed.pass();
}

task<> join_sleeper(borrowed<flag> waits) {
    co_await scope(
        [](task_scope& jobs, flag& f) -> task<> {
            static flag ignored{false};
            auto sleeper = co_await jobs.spawn(sleep_long, ignored);
            f.store(true);
            co_await sleeper.join();
        },
        *waits
    );
}

task<> wait_for_room(borrowed<flag> waits) {
    co_await scope(
        [](task_scope& jobs, flag& f) -> task<> {
            static flag ignored{false};
            jobs.limit(1);
            (void)co_await jobs.spawn(sleep_long, ignored);
            f.store(true);
            (void)co_await jobs.spawn(sleep_long, ignored);
        },
        *waits
    );
}

task<> wait_readable(borrowed<flag> waits) {
    const descriptor silent(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    waits->store(true);
    co_await readable(silent.get());
}

task<> accept_nobody(borrowed<flag> waits) {
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    waits->store(true);
    (void)co_await listener.accept();
}

task<> receive_nothing(borrowed<flag> waits) {
    auto pair = co_await amphi::testing::connected_pair();
    std::array<std::byte, 64> buffer{};
    waits->store(true);
    (void)co_await pair.client.read_some(buffer);
}

task<> send_to_the_brim(borrowed<flag> waits) {
    auto pair = co_await amphi::testing::connected_pair();
    const std::vector<std::byte> much(1 << 20);
    for (int i = 0;; ++i) {
        if (i == 1) waits->store(true);
        (void)co_await pair.client.write_some(much);
    }
}

task<> write_to_a_full_pipe(borrowed<flag> waits) {
    amphi::testing::pipe_ends ends;
    const std::vector<std::byte> much(1 << 20);
    (void)co_await ends.writer.write_some(much);
    waits->store(true);
    (void)co_await ends.writer.write_some(much);
}

task<> read_a_silent_pipe(borrowed<flag> waits) {
    amphi::testing::pipe_ends ends;
    lines from(ends.reader);
    waits->store(true);
    (void)co_await from.next();
}

task<> read_a_silent_terminal(borrowed<flag> waits) {
    const amphi::testing::terminal silent;
    waits->store(true);
    co_await readable(silent.screen.get());
}

task<> read_a_file(borrowed<flag> waits, const std::filesystem::path& at) {
    fs::file silent = co_await fs::file::open(at);
    std::array<std::byte, 64> buffer{};
    waits->store(true);
    (void)co_await silent.read_some(buffer);
}

task<> read_a_terminal_as_a_file(borrowed<flag> waits) {
    const amphi::testing::terminal silent;
    co_await read_a_file(waits, ::ptsname(silent.keyboard.get()));
}

task<> read_a_pipe_as_a_file(borrowed<flag> waits) {
    static const amphi::testing::temp_folder folder;  // Its removal is not to be measured.
    const auto pipe = folder / "pipe";
    static const bool made = ::mkfifo(pipe.c_str(), 0600) == 0;
    EXPECT_TRUE(made);
    co_await read_a_file(waits, pipe);
}

task<> connect_to_a_full_listener(borrowed<flag> waits) {
    amphi::testing::full_listener full;
    co_await full.fill();
    waits->store(true);
    (void)co_await net::tcp_stream::connect(full.at());
}

task<> select_nothing(borrowed<flag> waits) {
    gate closed;
    const descriptor silent(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    waits->store(true);
    (void)co_await select(closed.pass(), readable(silent.get()), sleep_for(1h));
}

task<> sleep_unseen() {
    co_await sleep_for(1h);
}

task<> wait_for_any(borrowed<flag> waits) {
    auto first = call(sleep_unseen);
    auto second = call(sleep_long, *waits);
    (void)co_await when_any(std::move(first), std::move(second));
}

task<> wait_for_all(borrowed<flag> waits) {
    auto first = call(sleep_unseen);
    auto second = call(sleep_long, *waits);
    (void)co_await when_all(std::move(first), std::move(second));
}

task<> leave_children_behind(borrowed<flag> waits) {
    co_await scope(
        [](task_scope& jobs, flag& f) -> task<> {
            for (int i = 0; i < 10; ++i)
                (void)co_await jobs.spawn(sleep_unseen);
            (void)co_await jobs.spawn(sleep_long, f);
        },
        *waits
    );
}

task<> sleep_within_an_hour(borrowed<flag> waits) {
    co_await timeout(1h, sleep_long, waits);
}

task<> wait_for_a_callback(borrowed<flag> waits) {
    completion<int> never_called;
    const auto held = never_called.to_complete();
    waits->store(true);
    (void)co_await never_called;
}

task<> wait_for_the_next_tick(borrowed<flag> waits) {
    interval every(1h);
    co_await every.tick();
    waits->store(true);
    co_await every.tick();
}

task<> yield_for_ever(borrowed<flag> waits) {
    waits->store(true);
    for (;;)
        co_await yield();
}

task<> sleep_on_a_plain_thread(borrowed<flag> waits) {
    co_await on(threads.name("elsewhere"), sleep_long, waits);
}

task<> sleep_on_async(borrowed<flag> waits) {
    co_await on(async, sleep_long, waits);
}

void compute_until_stopped(borrowed<flag> waits) {
    waits->store(true);
    while (!this_task::stop_requested()) {
    }
    amphi::wait(yield());  // Throws what an await throws.
}

task<> compute_in_the_blocking_pool(borrowed<flag> waits) {
    co_await on(threads, compute_until_stopped, waits);
}

/// A name server that answers after the test.
gate& name_server() {
    static gate& never_opened = *new gate;
    return never_opened;
}

std::vector<net::endpoint> ask_name_server(const std::string&, std::uint16_t) {
    amphi::wait(name_server().pass());
    return {};
}

task<> look_up_a_name(borrowed<flag> waits) {
    // Never destroyed: its threads ask until the program ends.
    static auto& pool = *new detail::lookup_pool(2, ask_name_server);
    completion<std::vector<net::endpoint>> answered;
    pool.start(detail::lookup{"silent", 80, answered.to_complete()});
    waits->store(true);
    (void)co_await answered;
}

// Only on plain threads: a worker refuses to block.
task<> run_inside_a_task(borrowed<flag> waits) {
    amphi::run(async, sleep_long, *waits);
    co_return;
}
task<> wait_inside_a_task(borrowed<flag> waits) {
    waits->store(true);
    amphi::wait(sleep_for(1h));
    co_return;
}

struct row {
    const char* name;
    task<> (*waits)(borrowed<flag>);
    bool blocks = false;
    std::chrono::milliseconds deadline{3};  ///< by then it has begun to wait, as a rule
};

}  // namespace

template <>
inline constexpr bool amphi::enable_sendable<row> = true;

namespace {

constexpr row rows[]{
    {"sleep", sleep_long},
    {"sleep in a timeout", sleep_within_an_hour},
    {"tick of an interval", wait_for_the_next_tick},
    {"yield", yield_for_ever},
    {"wait in a list", pass_closed},
    {"join", join_sleeper},
    {"room in a scope", wait_for_room},
    {"end of a scope", leave_children_behind},
    {"when_all", wait_for_all},
    {"when_any", wait_for_any},
    {"select", select_nothing},
    {"on a plain thread", sleep_on_a_plain_thread},
    {"on async", sleep_on_async},
    {"on the blocking pool", compute_in_the_blocking_pool},
    {"run in a task", run_inside_a_task, true},
    {"wait in a task", wait_inside_a_task, true},
    {"completion", wait_for_a_callback},
    {"readable", wait_readable},
    {"line from a pipe", read_a_silent_pipe},
    {"write to a pipe", write_to_a_full_pipe},
    {"terminal", read_a_silent_terminal},
    {"terminal as a file", read_a_terminal_as_a_file},
    {"named pipe as a file", read_a_pipe_as_a_file},
    {"connect", connect_to_a_full_listener, false, 200ms},
    {"accept", accept_nobody},
    {"receive", receive_nothing},
    {"send", send_to_the_brim},
    {"lookup of a name", look_up_a_name},
};

task<double> time_of_a_stop(row waiting) {
    co_return co_await scope(
        [](task_scope& jobs, row r) -> task<double> {
            flag began{false};
            auto handle = co_await jobs.spawn(r.waits, began);
            // Some time after it has begun to wait: a sleep, since nobody tells that it is parked.
            while (!began.load())
                co_await sleep_for(100us);
            co_await sleep_for(500us);
            EXPECT_FALSE(handle.done());
            const auto asked = clock::now();
            handle.request_stop();
            bool cancelled = false;
            try {
                co_await handle.join();
            } catch (const operation_cancelled&) {
                cancelled = true;
            }
            const microseconds until_joined = clock::now() - asked;
            EXPECT_TRUE(cancelled);
            co_return until_joined.count();
        },
        waiting
    );
}

/// Nothing when the deadline came before the wait had begun.
task<std::optional<double>> time_of_a_deadline(row waiting) {
    flag began{false};
    time_point deadline{};
    bool timed = false;
    const auto body = [](time_point& d, task<> (*f)(borrowed<flag>), flag& b) -> task<> {
        d = this_task::deadline();
        co_await f(b);
    };
    try {
        co_await timeout(waiting.deadline, body, deadline, waiting.waits, began);
    } catch (const timed_out&) {
        timed = true;
    }
    const microseconds late = clock::now() - deadline;
    EXPECT_TRUE(timed);
    co_return began.load() ? std::optional<double>(late.count()) : std::nullopt;
}

class cancel_latency : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, cancel_latency, amphi::testing::all_lives(), amphi::testing::name_of_life
);

using sample_times = std::array<double, samples>;

double median(sample_times taken) {
    std::sort(taken.begin(), taken.end());
    return taken[samples / 2];
}

/// How late the kernel itself wakes a thread, on a machine where others run too.
double lateness_of_the_kernel() {
    const timespec nap{0, 3'000'000};
    const auto begun = clock::now();
    (void)::ppoll(nullptr, 0, &nap, nullptr);
    const microseconds late = clock::now() - begun - 3ms;
    return late.count();
}

template <class Measure>
void expect_short(Measure measure, bool begins_asleep) {
    std::printf("%-22s %10s %10s %14s   us\n", "wait", "median", "worst", "kernel alone");
    for (const row& r : rows) {
        if (r.blocks && amphi::testing::each_life::suspends()) continue;
        SCOPED_TRACE(r.name);
        sample_times taken{};
        sample_times kernel{};
        for (std::size_t i = 0; i < samples; ++i) {
            taken[i] = measure(r);
            kernel[i] = begins_asleep ? lateness_of_the_kernel() : 0;
        }
        const double worst = *std::max_element(taken.begin(), taken.end());
        std::printf("%-22s %10.1f %10.1f %14.1f\n", r.name, median(taken), worst, median(kernel));
        // A join may take two wake-ups.
        EXPECT_LT(median(taken), limit.count() + 2 * median(kernel));
    }
}

TEST_P(cancel_latency, of_a_stop_is_short_for_every_kind_of_wait) {
    expect_short([this](const row& r) { return run(time_of_a_stop, r); }, false);
}

TEST_P(cancel_latency, of_a_deadline_is_short_for_every_kind_of_wait) {
    const auto measure = [this](row r) {
        for (; r.deadline < 5s; r.deadline *= 2)
            if (const auto late = run(time_of_a_deadline, r)) return *late;
        ADD_FAILURE() << "it never begins to wait";
        return 0.0;
    };
    expect_short(measure, true);
}

}  // namespace
