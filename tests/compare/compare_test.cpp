// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>

#include "compare/figures.hpp"
#include "compare/folder_sums.hpp"
#include "compare/measure.hpp"
#include "compare/report.hpp"
#include "compare/rounds.hpp"
#include "compare/statistics.hpp"
#include "compare/verdict.hpp"
#include "compare/words.hpp"
#include "support/temp_folder.hpp"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace amphi::compare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(words, are_split_as_a_shell_would) {
    EXPECT_THAT(split_words("  a  bc\td\n"), ElementsAre("a", "bc", "d"));
    EXPECT_THAT(split_words("a 'b  c' \"d e\"'f' ''"), ElementsAre("a", "b  c", "d ef", ""));
    EXPECT_THAT(
        split_words(R"(a\ b "c\"\\\d" '\' \$x)"), ElementsAre("a b", R"(c"\\d)", "\\", "$x")
    );
    EXPECT_THAT(split_words("a '$b|c' \"d;e\" *.c"), ElementsAre("a", "$b|c", "d;e", "*.c"));
    EXPECT_THAT(split_words(" "), IsEmpty());
}

TEST(words, that_need_a_shell_are_refused) {
    for (const char* const bad :
         {"a | b", "a > b", "a; b", "a & b", "a $b", "a \"$b\"", "a `b`", "'a", "\"a", "a\\"})
        EXPECT_THROW((void)split_words(bad), std::invalid_argument) << bad;
}

TEST(words, get_the_rounds_folder) {
    EXPECT_THAT(
        with_out({"{out}/x{out}", "y"}, "/t/{out}"), ElementsAre("/t/{out}/x/t/{out}", "y")
    );
}

TEST(statistics, quantiles_are_interpolated) {
    EXPECT_EQ(median({}), 0);
    EXPECT_EQ(median({3}), 3);
    EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
    EXPECT_EQ(quantile({1, 2, 3, 4, 5}, 0.25), 2);
    EXPECT_EQ(quantile({1, 2}, 1), 2);
}

TEST(statistics, the_interval_is_that_of_the_signed_rank_table) {
    // Logs of the ratios: 1 to 8. Of n = 8 the table's P(T <= 3) is 0.01953, P(T <= 4) 0.02734: at
    // 95 % the fourth Walsh average from either end bounds the interval: 1, 1.5, 2, 2 and so on.
    std::vector<double> a(8, 1);
    std::vector<double> b;
    for (int i = 1; i <= 8; ++i)
        b.push_back(std::exp(i));
    const interval found = ratio_of(a, b, 0.95);
    EXPECT_NEAR(std::log(found.low), 2, 1e-9);
    EXPECT_NEAR(std::log(found.high), 7, 1e-9);
    EXPECT_NEAR(std::log(found.estimate), 4.5, 1e-9);
    EXPECT_NEAR(found.confidence, 1 - 2 * 0.01953125, 1e-9);
}

TEST(statistics, few_pairs_give_their_widest_interval_and_its_confidence) {
    const interval found =
        ratio_of(std::vector<double>{1, 1, 1}, std::vector<double>{1, 2, 4}, 0.95);
    EXPECT_NEAR(found.low, 1, 1e-9);
    EXPECT_NEAR(found.high, 4, 1e-9);
    EXPECT_NEAR(found.confidence, 0.75, 1e-9);
    EXPECT_EQ(pairs_needed(0.95), 6U);
    EXPECT_EQ(pairs_needed(confidence_wanted), 7U);
    EXPECT_EQ(ratio_of({}, {}, 0.95).confidence, 0);
    const std::vector<double> zeros(7, 0);
    EXPECT_EQ(ratio_of(zeros, zeros, 0.95).high, 1);
    EXPECT_EQ(printed(ratio_of(zeros, std::vector<double>(7, 1), 0.95)), "> 100 (> 100 to > 100)");
    EXPECT_EQ(printed_ratio(0), "< 0.01");
    EXPECT_EQ(printed_ratio(12.34), "12.3");
}

TEST(statistics, the_interval_covers_the_truth_as_often_as_it_says) {
    // Heavy tails: each ratio is 1.5 times a log-Laplace value. The seed is fixed: so is the
    // result.
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> uniform(1e-12, 1);
    constexpr int times = 2000;
    int covered = 0;
    double said = 0;
    for (int i = 0; i < times; ++i) {
        const std::vector<double> a(10, 2);
        std::vector<double> b;
        for (std::size_t pair = 0; pair < a.size(); ++pair)
            b.push_back(3 * std::exp(0.1 * std::log(uniform(random) / uniform(random))));
        const interval found = ratio_of(a, b, 0.95);
        said = found.confidence;
        covered += found.low <= 1.5 && 1.5 <= found.high ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(covered) / times, said, 0.02);
}

/// Runs whose wall time, CPU and memory are these; a little noise that is alike in each pair.
side made_up(const char* name, std::size_t rounds, double wall, double cpu, double memory) {
    side one;
    one.name = name;
    one.command = "run <" + std::string(name) + ">";
    for (std::size_t i = 0; i < rounds; ++i) {
        run_figures run{};
        const double noise = 1 + 0.01 * static_cast<double>(i % 3);
        run[static_cast<std::size_t>(figure::wall)] = wall * noise;
        run[static_cast<std::size_t>(figure::cpu)] = cpu * noise;
        run[static_cast<std::size_t>(figure::memory)] = memory;
        one.runs.push_back(run);
    }
    return one;
}

TEST(verdict, names_the_winner_and_the_figure_that_decides) {
    const side a = made_up("threads", 10, 1, 1, 2e6);
    EXPECT_EQ(
        verdict(a, made_up("async", 10, 0.5, 1, 2e6), ""),
        "async needs 0.50 of the wall time (0.50 to 0.50) of threads."
    );
    EXPECT_EQ(
        verdict(a, made_up("async", 10, 2, 4, 2e6), ""),
        "threads needs 0.50 of the wall time (0.50 to 0.50) and 0.25 of the CPU (0.25 to 0.25) of "
        "async."
    );
    EXPECT_EQ(
        verdict(a, made_up("async", 10, 1, 1, 1e6), ""),
        "async needs 0.50 of the peak memory (0.50 to 0.50) of threads; their wall times differ "
        "too little, or not surely."
    );
    EXPECT_EQ(
        verdict(a, made_up("async", 10, 2, 1, 1e6), ""),
        "Each has its price: threads needs 0.50 of the wall time (0.50 to 0.50), async needs 0.50 "
        "of the peak memory (0.50 to 0.50) of the other; take what counts for you."
    );
}

TEST(verdict, names_none_without_reason) {
    const side a = made_up("A", 10, 1, 1, 2e6);
    EXPECT_THAT(verdict(a, a, ""), StartsWith("No winner: "));
    EXPECT_THAT(verdict(a, made_up("B", 10, 1.04, 1, 2e6), ""), StartsWith("No winner: "));
    EXPECT_EQ(
        verdict(made_up("A", 5, 1, 1, 1), made_up("B", 5, 9, 9, 9), ""),
        "No verdict: 5 rounds cannot tell a difference from chance, take 7 or more."
    );
    EXPECT_THAT(
        verdict(a, made_up("B", 10, 9, 9, 9), "x differs"),
        StartsWith("No verdict: the two did not do the same work, x differs")
    );
    // Half of next to nothing.
    const side tiny = made_up("A", 10, 1, 0.0018, 1.8e6);
    EXPECT_THAT(verdict(tiny, made_up("B", 10, 1, 0.0009, 0.9e6), ""), StartsWith("No winner: "));
    // Sometimes much less, sometimes much more.
    side wild = a;
    for (std::size_t i = 0; i < wild.runs.size(); ++i)
        *wild.runs[i][0] *= i % 2 == 0 ? 3 : 0.3;
    EXPECT_THAT(verdict(a, wild, ""), StartsWith("No winner: "));
}

TEST(verdict, leaves_out_what_was_not_measured_in_every_run) {
    side a = made_up("A", 10, 1, 1, 2e6);
    a.runs[3][static_cast<std::size_t>(figure::memory)].reset();
    EXPECT_THAT(a.values(figure::memory), IsEmpty());
    EXPECT_EQ(compare(a, made_up("B", 10, 1, 1, 1)).size(), 2U);
}

TEST(figures, are_printed_in_their_units) {
    EXPECT_EQ(printed(figure::wall, 0.00123), "1.23 ms");
    EXPECT_EQ(printed(figure::cpu, 0.123), "123.0 ms");
    EXPECT_EQ(printed(figure::wall, 12.3), "12.30 s");
    EXPECT_EQ(printed(figure::memory, 2e6), "2.0 MB");
    EXPECT_EQ(printed(figure::voluntary, 12345), "12,345");
}

TEST(folder_sums, find_what_differs) {
    const testing::temp_folder one;
    const testing::temp_folder two;
    for (const testing::temp_folder* folder : {&one, &two}) {
        std::filesystem::create_directory(*folder / "sub");
        std::ofstream(*folder / "sub/file") << "same";
    }
    const auto difference = [&] {
        return difference_of(sums_of(one.path()), "A", sums_of(two.path()), "B");
    };
    EXPECT_EQ(difference(), "");
    std::filesystem::create_symlink("sub", two / "link");
    EXPECT_EQ(difference(), "link was written by B alone");
    std::ofstream(two / "sub/file") << "else";
    EXPECT_EQ(difference(), "sub/file of A differs from that of B");
    std::filesystem::remove(two / "sub/file");
    EXPECT_EQ(difference(), "sub/file was written by A alone");
    std::ofstream(one / "a\x1b[2Jb\xff") << "";
    EXPECT_EQ(difference(), "a\\x1b[2Jb\\xff was written by A alone");
}

TEST(folder_sums, of_no_folder_or_when_stopped_are_none) {
    const testing::temp_folder one;
    std::filesystem::create_directory(one / "sub");
    std::filesystem::create_symlink("sub", one / "link");
    EXPECT_THROW((void)sums_of(one / "link"), std::filesystem::filesystem_error);
    EXPECT_THROW((void)sums_of(one / "nothing"), std::filesystem::filesystem_error);
    EXPECT_NO_THROW(remove_folder(one / "nothing"));
    remove_folder(one / "link");
    EXPECT_TRUE(std::filesystem::exists(one / "sub"));
    const descriptor stop(eventfd(1, EFD_CLOEXEC));
    EXPECT_THROW((void)sums_of(one.path(), stop.get()), interrupted);
}

TEST(report, of_all_kinds_says_the_same) {
    const result made{made_up("threads", 10, 1, 1, 4e6), made_up("async", 10, 0.5, 1, 2e6), 3, ""};
    const std::string sentence = verdict(made.a, made.b, "");
    const std::string text = text_report(made);
    EXPECT_THAT(text, HasSubstr("\n  wall time             1.01 s +- 1 %"));
    EXPECT_THAT(text, HasSubstr("All runs wrote the same files (3).\n" + sentence + "\n"));
    const std::string json = json_report(made);
    EXPECT_THAT(
        json, StartsWith(R"({"rounds":10,"a":{"name":"threads","command":"run <threads>",)")
    );
    EXPECT_THAT(json, HasSubstr(R"("user_seconds":null)"));
    EXPECT_THAT(json, HasSubstr("\"verdict\":\"" + sentence + "\""));
    const std::string html = html_report(made);
    EXPECT_THAT(html, HasSubstr(sentence));
    EXPECT_THAT(html, HasSubstr("run &lt;threads&gt;"));
    EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
    EXPECT_THAT(html, HasSubstr("@media print"));
    EXPECT_THAT(html, HasSubstr("name=\"viewport\""));
    result hostile = made;
    hostile.a.command = "run\xff\x1b[2J<";
    EXPECT_THAT(html_report(hostile), HasSubstr("run\\xff\\x1b[2J&lt;"));
    EXPECT_THAT(text_report(hostile), StartsWith("threads: run\\xff\\x1b[2J<\n"));
    for (const char* const outside : {"http", "<script", "src=", "url(", "@import", "<link"})
        EXPECT_THAT(html, Not(HasSubstr(outside)));
}

}  // namespace
}  // namespace amphi::compare
