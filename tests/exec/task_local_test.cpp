// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/task_local.hpp>
#include <amphi/exec/yield.hpp>

#include "support/lives.hpp"

#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class task_local_in : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, task_local_in, testing::all_lives(), testing::name_of_life);

task_local<std::string> tag;
task_local<std::shared_ptr<int>> owned;

task<bool> child_keeps_its_own(int number) {
    const bool empty_at_first = tag.get() == nullptr;
    const std::string mine = std::to_string(number);
    tag.set(mine);
    for (int i = 0; i < 20; ++i)
        co_await yield();
    co_return empty_at_first&& tag.get() != nullptr && *tag.get() == mine;
}

task<int> count_of_children_that_agree(int count) {
    tag.set("parent");
    int agreed = 0;
    co_await scope(
        [](task_scope& jobs, int& wanted, int& good) -> task<> {
            std::vector<join_handle<bool>> handles;
            for (int i = 0; i < wanted; ++i)
                handles.push_back(co_await jobs.spawn(child_keeps_its_own, i));
            for (auto& handle : handles) {
                const bool ok = co_await handle.join();
                good += ok ? 1 : 0;
            }
        },
        count,
        agreed
    );
    co_return *tag.get() == "parent" ? agreed : -1;
}

TEST_P(task_local_in, is_empty_in_a_new_task_and_follows_it_from_worker_to_worker) {
    EXPECT_EQ(run(count_of_children_that_agree, 50), 50);
}

task<> keep(std::unique_ptr<std::weak_ptr<int>>& watched) {
    auto value = std::make_shared<int>(7);
    *watched = value;
    owned.set(std::move(value));
    co_await yield();
}

task<bool> value_is_gone_after_the_join() {
    auto watched = std::make_unique<std::weak_ptr<int>>();
    std::weak_ptr<int>* const seen = watched.get();
    bool gone = false;
    co_await scope([&](task_scope&) -> task<> {
        co_await keep(watched);
        gone = seen->expired();
    });
    // Awaited in place, `keep` was part of this task: its value is still here.
    if (gone) co_return false;
    owned.reset();
    co_return seen->expired();
}

TEST_P(task_local_in, belongs_to_the_spawned_task_and_can_be_reset) {
    EXPECT_TRUE(run(value_is_gone_after_the_join));
}

TEST(task_local, outside_of_tasks_is_empty_and_cannot_be_set) {
    EXPECT_EQ(tag.get(), nullptr);
    EXPECT_THROW(tag.set("x"), std::logic_error);
    tag.reset();
}

}  // namespace
}  // namespace amphi
