// SPDX-License-Identifier: BSL-1.0
#include "cli/demo_report.hpp"

#include <chrono>
#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

measured figures(
    const std::string& name,
    std::chrono::milliseconds wall,
    std::chrono::milliseconds cpu,
    std::uint64_t memory,
    unsigned threads
) {
    measured row;
    row.name = name;
    row.used.wall = wall;
    row.used.cpu = cpu;
    row.used.memory_bytes = memory;
    row.used.switches = 12345;
    row.used.threads = threads;
    row.verified = row.expected = 3000;
    return row;
}

const measured plain = figures("threads", 1000ms, 500ms, 100'000'000, 3001);

measured failed(measured row) {
    row.used.exit_code = 1;
    row.verified = 1700;
    return row;
}

TEST(demo_report, groups_the_digits_of_numbers) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(demo_report, sets_each_figure_below_its_head) {
    measured shown = plain;
    shown.start_up = 12'345us;
    EXPECT_EQ(
        heads() + "\n" + row(shown),
        "                            wall       CPU    memory  switches  threads  start-up\n"
        "  threads                 1.00 s    0.50 s    100 MB    12,345    3,001   12.3 ms"
    );
    EXPECT_THAT(row(plain), EndsWith("        -"));
}

TEST(demo_report, shows_how_far_a_run_came_that_failed) {
    EXPECT_THAT(row(failed(plain)), HasSubstr("exit code 1, 1,700 of 3,000 files are right"));
}

TEST(demo_report, of_few_keeps_threads_unless_async_is_clearly_better) {
    const auto sentence = [](std::chrono::milliseconds wall, std::chrono::milliseconds cpu) {
        return sentence_of_few(plain, figures("async", wall, cpu, 1, 3));
    };
    EXPECT_THAT(sentence(1000ms, 500ms), EndsWith(": no difference worth a runtime, keep threads"));
    EXPECT_THAT(sentence(850ms, 600ms), EndsWith(": no difference worth a runtime, keep threads"));
    EXPECT_THAT(sentence(700ms, 500ms), HasSubstr("0.70 of the time and 1.00 of the CPU: already"));
    EXPECT_THAT(sentence(1000ms, 900ms), EndsWith("1.80 of the CPU: keep threads"));
    EXPECT_THAT(sentence(500ms, 900ms), EndsWith(": measure with what counts for you"));
}

TEST(demo_report, of_thousands_says_what_each_life_took) {
    EXPECT_EQ(
        sentence_of_thousands(plain, figures("async", 900ms, 300ms, 31'000'000, 2)),
        "thousands: async used 0.90 s, 31 MB and 2 threads, "
        "plain threads used 1.00 s, 100 MB and 3,001 threads: take async"
    );
}

TEST(demo_report, of_thousands_follows_the_figures) {
    const auto sentence = [](std::chrono::milliseconds wall, std::uint64_t memory) {
        return sentence_of_thousands(plain, figures("async", wall, 500ms, memory, 3));
    };
    EXPECT_THAT(sentence(1000ms, 100'000'000), EndsWith(": no difference"));
    EXPECT_THAT(sentence(1500ms, 100'000'000), EndsWith(": keep threads"));
    EXPECT_THAT(sentence(1500ms, 50'000'000), EndsWith(": measure with what counts for you"));
}

TEST(demo_report, names_the_life_that_failed) {
    EXPECT_EQ(
        sentence_of_few(failed(plain), plain), "few: plain threads could not do it here: take async"
    );
    EXPECT_EQ(
        sentence_of_thousands(plain, failed(plain)),
        "thousands: async could not do it here: take threads"
    );
    EXPECT_THAT(sentence_of_few(failed(plain), failed(plain)), HasSubstr("neither"));
    measured incomplete = plain;
    incomplete.verified = 2999;
    EXPECT_THAT(sentence_of_thousands(incomplete, plain), HasSubstr("plain threads could not"));
}

TEST(demo_report, of_computing_compares_with_one_thread) {
    const auto took = [](std::chrono::milliseconds wall) { return figures("", wall, wall, 1, 1); };
    EXPECT_EQ(
        sentence_of_compute(took(1000ms), took(500ms), took(1010ms)),
        "CPU: a thread a CPU was 2.0 times as fast as one thread, tasks on one async worker 1.0: "
        "computing takes threads, async is for waiting"
    );
    EXPECT_THAT(
        sentence_of_compute(took(1000ms), took(1000ms), took(1000ms)), HasSubstr("nothing to gain")
    );
    EXPECT_THAT(
        sentence_of_compute(took(1000ms), took(500ms), took(500ms)), HasSubstr("run it again")
    );
    EXPECT_THAT(
        sentence_of_compute(took(1ms), failed(took(1ms)), took(1ms)), HasSubstr("not all of it")
    );
}

}  // namespace
}  // namespace amphi::cli
