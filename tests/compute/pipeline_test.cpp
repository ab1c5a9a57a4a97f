// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/parallel.hpp>  // its names, beside those of the stages
#include <amphi/compute/pipeline.hpp>

#include "support/compute_pools.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using parallel::from;
using parallel::from_generator;

constexpr auto is_even = [](int each) { return each % 2 == 0; };
constexpr auto name_of = [](int each) { return std::to_string(each); };

class pipeline_on : public testing::each_pool {
protected:
    static std::vector<std::string> names_of_even(const std::vector<int>& all) {
        std::vector<std::string> names;
        for (const int each : all)
            if (is_even(each)) names.push_back(name_of(each));
        return names;
    }
    static std::string joined(const std::vector<std::string>& all) {
        return std::accumulate(all.begin(), all.end(), std::string(":"));
    }
};
INSTANTIATE_TEST_SUITE_P(threads, pipeline_on, testing::pool_sizes());

// A string that grows in order shows that the order is kept.
TEST_P(pipeline_on, stages_do_what_loops_do) {
    for (const std::size_t size : sizes(20'000)) {
        const std::vector<int> all = numbers(size);
        const std::vector<std::string> names = names_of_even(all);
        const long long sum = std::accumulate(all.begin(), all.end(), 0LL);
        pool.run([&] {
            const auto evens = from(all) | parallel::filter(is_even) | parallel::transform(name_of);
            EXPECT_EQ(evens | parallel::to_vector(), names);
            EXPECT_EQ(evens | parallel::reduce(std::string(":")), joined(names));
            EXPECT_EQ(evens | parallel::count(), names.size());
            EXPECT_EQ(from(all) | parallel::reduce(0LL), sum);
            EXPECT_EQ(from(all.begin(), all.end()) | parallel::count(), size);
        });
    }
}

TEST_P(pipeline_on, whatever_has_to_be_walked_or_read_keeps_its_order) {
    for (const std::size_t size : sizes(20'000)) {
        const std::vector<int> all = numbers(size);
        const std::vector<std::string> names = names_of_even(all);
        std::list<int> row(all.begin(), all.end());
        std::stringstream text;
        for (const int each : all)
            text << each << ' ';
        auto next = all.begin();
        const auto more = [&] { return next == all.end() ? nullptr : &*next++; };
        const auto finish = [](auto ints) {
            return std::move(ints) | parallel::filter(is_even) | parallel::transform(name_of) |
                   parallel::to_vector();
        };
        pool.run([&] {
            EXPECT_EQ(finish(from(row)), names);
            EXPECT_EQ(finish(from(row, parallel::grain(100))), names);
            using input = std::istream_iterator<int>;
            EXPECT_EQ(finish(from_generator(more)), names);
            EXPECT_EQ(finish(from(input(text), input())), names);
        });
    }
}

TEST_P(pipeline_on, zips_numbers_and_cuts) {
    for (const std::size_t size : sizes(20'000)) {
        const std::vector<int> all = numbers(size, 10'000);
        std::deque<std::string> others;
        for (std::size_t i = 0; i < size / 2 + 1; ++i)
            others.push_back(std::to_string(i));
        std::size_t sum = 0;
        for (std::size_t i = 0; i < std::min(size, others.size()); ++i)
            sum += static_cast<std::size_t>(all[i]) * others[i].size();
        const std::size_t chunk = below(100) + 1;
        pool.run([&] {
            const auto multiply = [](const std::pair<const int&, std::string&>& each) {
                return static_cast<std::size_t>(each.first) * each.second.size();
            };
            EXPECT_EQ(
                from(all) | parallel::zip(others) | parallel::transform(multiply) |
                    parallel::reduce(std::size_t{0}),
                sum
            );
            const auto is_there = [&](const auto& each) { return each.second == all[each.first]; };
            EXPECT_EQ(
                from(all) | parallel::enumerate() | parallel::filter(is_there) | parallel::count(),
                size
            );
            const auto add_up = [](const auto& some) {
                return std::accumulate(some.begin(), some.end(), 0);
            };
            const auto sums = from(all) | parallel::chunks(chunk) | parallel::transform(add_up);
            const auto itself = [](int each) { return each; };
            const std::vector<int> of_views = sums | parallel::to_vector();
            const std::vector<int> of_vectors = from(all) | parallel::transform(itself) |
                                                parallel::chunks(chunk) |
                                                parallel::transform(add_up) | parallel::to_vector();
            EXPECT_EQ(of_views, of_vectors);
            EXPECT_EQ(of_views.size(), (size + chunk - 1) / chunk);
            EXPECT_EQ(
                std::accumulate(of_views.begin(), of_views.end(), 0),
                std::accumulate(all.begin(), all.end(), 0)
            );
        });
    }
}

TEST_P(pipeline_on, flattens_and_folds) {
    for (const std::size_t size : sizes(5'000)) {
        const std::vector<int> all = numbers(size, 7);
        std::vector<int> flat;
        std::map<int, int> times;
        for (const int each : all) {
            for (int i = 0; i < each; ++i)
                flat.push_back(each);
            times[each] += each;
        }
        times.erase(0);
        const auto repeat = [](int each) {
            return std::vector<int>(static_cast<std::size_t>(each), each);
        };
        pool.run([&] {
            const auto repeated = from(all) | parallel::flat_map(repeat);
            EXPECT_EQ(repeated | parallel::to_vector(), flat);
            using counts = std::map<int, int>;
            const auto add = [](counts&& sums, int each) {
                ++sums[each];
                return std::move(sums);
            };
            const auto merge = [](counts&& a, counts&& b) {
                for (const auto& [number, some] : b)
                    a[number] += some;
                return std::move(a);
            };
            const auto empty = [] { return counts(); };
            EXPECT_EQ(
                repeated | parallel::fold(empty, add) | parallel::reduce(counts(), merge), times
            );
        });
    }
}

TEST_P(pipeline_on, items_that_only_move_and_wide_ones) {
    const std::vector<int> all = numbers(3'000);
    const auto own = [](int each) { return std::make_unique<int>(each); };
    const auto widen = [](int each) { return testing::wide{each, 0}; };
    pool.run([&] {
        const auto owners = from(all) | parallel::transform(own);
        const std::vector<std::unique_ptr<int>> here = owners | parallel::to_vector();
        const auto is_small = [](const std::unique_ptr<int>& each) { return *each < 500'000; };
        const std::vector<std::unique_ptr<int>> small =
            owners | parallel::filter(is_small) | parallel::to_vector();
        const std::vector<testing::wide> wides =
            from(all) | parallel::transform(widen) | parallel::to_vector();
        const auto own_two = [&](int each) {
            std::vector<std::unique_ptr<int>> two;
            two.push_back(own(each));
            two.push_back(own(each));
            return two;
        };
        EXPECT_EQ(
            (from(all) | parallel::flat_map(own_two) | parallel::to_vector()).size(), 2 * all.size()
        );
        auto next = all.begin();
        const auto more = [&] {
            return next == all.end() ? std::optional<std::unique_ptr<int>>() : own(*next++);
        };
        const std::vector<std::unique_ptr<int>> read =
            from_generator(more) | parallel::filter(is_small) | parallel::to_vector();
        ASSERT_EQ(here.size(), all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            ASSERT_EQ(*here[i], all[i]);
            ASSERT_EQ(wides[i].key, all[i]);
        }
        ASSERT_EQ(read.size(), small.size());
        for (std::size_t i = 0; i < read.size(); ++i)
            ASSERT_EQ(*read[i], *small[i]);
    });
}

// What stands for an element, and what refers to one, is not what is kept.
TEST_P(pipeline_on, what_is_kept_are_values) {
    using bools = std::vector<bool>;
    std::vector<int> all = numbers(3'000);
    const std::vector<int> before = all;
    bools bits;
    for (const int each : all)
        bits.push_back(is_even(each));
    const auto always = [](const auto&) { return true; };
    const auto many = [](int each) { return bools(640, is_even(each)); };
    const auto same = [](auto&& each) { return each; };
    const auto tie = [](int& each) { return std::tuple<int&, const int&>(each, each); };
    pool.run([&] {
        const bools here = from(bits) | parallel::to_vector();
        EXPECT_EQ(here, bits);
        const bools some = from(bits) | parallel::filter(always) |
                           parallel::take_any_while(always) | parallel::to_vector();
        EXPECT_EQ(some, bits);
        const bools again = from(bits) | parallel::transform(same) | parallel::to_vector();
        EXPECT_EQ(again, bits);
        const bools flat = from(all) | parallel::flat_map(many) | parallel::to_vector();
        ASSERT_EQ(flat.size(), 640 * all.size());
        for (std::size_t i = 0; i < flat.size(); i += 64)
            ASSERT_EQ(flat[i], bits[i / 640]);
        const std::vector<bools> cut =
            from(bits) | parallel::transform(same) | parallel::chunks(100) | parallel::to_vector();
        ASSERT_EQ(cut.size(), 30U);
        const bools third(bits.begin() + 200, bits.begin() + 300);
        EXPECT_EQ(cut[2], third);
        const auto bits_of = [](const auto& each) { return each; };
        const bools through_views =
            from(bits) | parallel::chunks(7) | parallel::flat_map(bits_of) | parallel::to_vector();
        EXPECT_EQ(through_views, bits);

        std::vector<std::pair<std::size_t, int>> placed =
            from(all) | parallel::enumerate() | parallel::to_vector();
        std::vector<std::pair<int, bool>> zipped =
            from(all) | parallel::zip(bits) | parallel::filter(always) | parallel::to_vector();
        std::vector<std::tuple<int, int>> tied =
            from(all) | parallel::transform(tie) | parallel::to_vector();
        std::vector<std::vector<std::pair<std::size_t, int>>> rows =
            from(all) | parallel::enumerate() | parallel::chunks(1'000) | parallel::to_vector();
        ASSERT_EQ(zipped.size(), all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            ASSERT_EQ(placed[i], std::pair(i, all[i]));
            ASSERT_EQ(zipped[i], std::pair(all[i], bool{bits[i]}));
            ASSERT_EQ(tied[i], std::tuple(all[i], all[i]));
            ASSERT_EQ(rows[i / 1'000][i % 1'000], placed[i]);
        }
        std::reverse(placed.begin(), placed.end());
        std::sort(zipped.begin(), zipped.end());
        EXPECT_EQ(all, before);
    });
}

TEST_P(pipeline_on, a_fold_of_nothing_is_one_item) {
    const std::vector<int> none;
    const auto make = [] { return 7; };
    const auto add = [](int sum, int each) { return sum + each; };
    const auto more = [] { return std::optional<int>(); };
    pool.run([&] {
        const std::vector<int> one{7};
        EXPECT_EQ(from(none) | parallel::fold(make, add) | parallel::to_vector(), one);
        EXPECT_EQ(from_generator(more) | parallel::fold(make, add) | parallel::to_vector(), one);
    });
}

TEST_P(pipeline_on, for_each_reaches_the_elements_themselves) {
    std::vector<int> all = numbers(10'000);
    std::vector<int> expected = all;
    for (int& each : expected)
        ++each;
    pool.run([&] {
        from(all, parallel::grain(100)) | parallel::for_each([](int& each) { ++each; });
    });
    EXPECT_EQ(all, expected);
}

// Also from a generator that would never end.
TEST_P(pipeline_on, take_any_while_gives_up_and_begins_anew) {
    std::vector<int> all(50'000, 1);
    all[0] = 0;  // It is among the first that are looked at.
    int next = 0;
    const auto endless = [&] { return std::optional<int>(++next); };
    pool.run([&] {
        const auto ones = from(all) | parallel::take_any_while([](int each) { return each != 0; });
        EXPECT_LT(ones | parallel::count(), all.size());
        EXPECT_LT(ones | parallel::reduce(0), 50'000);
        const auto some = from_generator(endless) |
                          parallel::take_any_while([](int each) { return each < 1'000; });
        EXPECT_LT(some | parallel::count(), 1'000U);
    });
    std::fill(all.begin(), all.end(), 1);
    const auto taken = [&] {
        return from(all) | parallel::take_any_while([](int each) { return each != 0; }) |
               parallel::count();
    };
    EXPECT_EQ(pool.run(taken), all.size());
}

TEST_P(pipeline_on, an_exception_comes_out_of_any_stage) {
    const std::vector<int> all = numbers(5'000);
    const int bad = all[3'000];
    const auto fails = [bad](int each) {
        if (each == bad) throw std::runtime_error("bad");
        return each;
    };
    int next = 0;
    const auto more = [&]() -> std::optional<int> {
        if (++next == 5'000) throw std::runtime_error("5000");
        return next;
    };
    const auto run = [&](const auto& f) { EXPECT_THROW(pool.run(f), std::runtime_error); };
    run([&] { return from(all) | parallel::transform(fails) | parallel::to_vector(); });
    run([&] { return from(all) | parallel::filter(fails) | parallel::to_vector(); });
    run([&] { from(all) | parallel::for_each(fails); });
    run([&] { return from_generator(more) | parallel::count(); });
    const std::list<int> row(all.begin(), all.end());
    run([&] { return from(row) | parallel::transform(fails) | parallel::reduce(0); });
}

}  // namespace
}  // namespace amphi
