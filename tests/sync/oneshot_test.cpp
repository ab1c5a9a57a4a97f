// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/sync/oneshot.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;

class oneshots : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, oneshots, all_lives(), name_of_life);

task<> answer(oneshot_sender<std::unique_ptr<int>> to, int value) {
    EXPECT_TRUE(to.send(std::make_unique<int>(value)));
    co_return;
}

TEST_P(oneshots, bring_one_value) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            for (int i = 0; i < 50; ++i) {
                auto [to, from] = oneshot<std::unique_ptr<int>>();
                co_await jobs.spawn(answer, std::move(to), i);
                const std::optional<std::unique_ptr<int>> got = co_await from.receive();
                EXPECT_EQ(**got, i);
                const std::optional<std::unique_ptr<int>> again = co_await from.receive();
                EXPECT_FALSE(again);
            }
        });
    });
}

TEST_P(oneshots, tell_when_none_will_come) {
    run([]() -> task<> {
        auto [to, from] = oneshot<std::string>();
        std::thread foreign([gone = std::move(to)]() mutable {
            const oneshot_sender<std::string> last = std::move(gone);
        });
        const std::optional<std::string> got = co_await from.receive();
        EXPECT_FALSE(got);
        foreign.join();
    });
}

task<> receive(borrowed<oneshot_receiver<std::string>> from) {
    (void)co_await from->receive();
}

TEST_P(oneshots, keep_the_value_when_a_stop_ends_the_wait) {
    auto [to, from] = oneshot<std::string>();
    run(
        [](borrowed<oneshot_receiver<std::string>> of) -> task<> {
            co_await expect_stop_ends(receive, of);
            co_await expect_deadline_ends(receive, of);
            EXPECT_EQ(of->try_receive(), std::nullopt);
        },
        from
    );
    EXPECT_FALSE(to.is_closed());
    EXPECT_TRUE(to.send("late"));
    EXPECT_TRUE(to.is_closed());
    EXPECT_EQ(from.try_receive(), "late");
}

TEST(oneshot, gives_the_value_back_when_nobody_listens) {
    auto [to, from] = oneshot<std::string>();
    {
        const auto gone = std::move(from);
    }
    EXPECT_TRUE(to.is_closed());
    std::string kept = "kept";
    EXPECT_FALSE(to.send(kept));
    EXPECT_EQ(kept, "kept");
}

}  // namespace
}  // namespace amphi
