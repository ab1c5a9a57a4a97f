// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/sync/rwlock.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;
using namespace std::chrono_literals;

using pair = std::pair<int, int>;

class rwlocks : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, rwlocks, all_lives(), name_of_life);

task<> write_both(borrowed<rwlock<pair>> into) {
    for (int i = 0; i < 50; ++i) {
        const auto guard = co_await into->write();
        ++guard->first;
        if (i % 4 == 0) co_await yield();
        ++guard->second;
    }
}
task<> read_both(borrowed<rwlock<pair>> from) {
    for (int i = 0; i < 50; ++i) {
        const auto guard = co_await from->read();
        static_assert(std::is_const_v<std::remove_reference_t<decltype(*guard)>>);
        const int first = guard->first;
        if (i % 4 == 0) co_await yield();
        EXPECT_EQ(guard->second, first);
    }
}

TEST_P(rwlocks, show_readers_no_half_of_a_write) {
    rwlock<pair> shared;
    run(
        [](borrowed<rwlock<pair>> of) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<rwlock<pair>>& all) -> task<> {
                    for (int i = 0; i < 3; ++i) {
                        co_await jobs.spawn(write_both, all);
                        co_await jobs.spawn(read_both, all);
                    }
                },
                of
            );
        },
        shared
    );
    EXPECT_EQ(*shared.try_read(), pair(150, 150));
}

task<> write(borrowed<rwlock<pair>> into) {
    const auto guard = co_await into->write();
}
task<> read(borrowed<rwlock<pair>> from) {
    const auto guard = co_await from->read();
}

TEST_P(rwlocks, let_readers_in_together_and_a_writer_alone) {
    rwlock<pair> shared;
    run(
        [](borrowed<rwlock<pair>> of) -> task<> {
            {
                const auto first = co_await of->read();
                const auto second = co_await of->read();
                EXPECT_TRUE(of->try_read());
                EXPECT_FALSE(of->try_write());
                co_await expect_stop_ends(write, of);
                co_await expect_deadline_ends(write, of);
            }
            const auto only = co_await of->write();
            EXPECT_FALSE(of->try_read());
            EXPECT_FALSE(of->try_write());
            co_await expect_stop_ends(read, of);
            co_await expect_deadline_ends(read, of);
        },
        shared
    );
    EXPECT_TRUE(shared.try_write());
}

TEST_P(rwlocks, let_no_reader_pass_a_writer_that_waits) {
    rwlock<pair> shared;
    run(
        [](borrowed<rwlock<pair>> of) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<rwlock<pair>>& all) -> task<> {
                    auto reading = co_await all->read();
                    auto writer = co_await jobs.spawn(write, all);
                    co_await sleep_for(10ms);
                    EXPECT_FALSE(all->try_read());
                    auto late = co_await jobs.spawn(read, all);
                    reading.unlock();
                    co_await writer.join();
                    co_await late.join();
                },
                of
            );
        },
        shared
    );
}

}  // namespace
}  // namespace amphi
