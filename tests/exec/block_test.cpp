// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/block.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include "support/counted.hpp"

#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using amphi::testing::counted;

using plain_function = task<> (*)();
using call_of_plain = detail::owned_call_of<plain_function>;

// A million of them may be parked (bench/parked_tasks).
static_assert(sizeof(detail::task_block) == 144);
static_assert(sizeof(detail::spawned<plain_function, call_of_plain>) == 152);
static_assert(sizeof(detail::promise<void>) == 40);

task<counted> give(const counted& value, bool fails) {
    if (fails) throw std::runtime_error("no value");
    co_return counted(value.value);
}

class block : public ::testing::Test {
protected:
    void TearDown() override { EXPECT_EQ(counted::alive(), 0); }
};

TEST_F(block, holds_arguments_until_the_run_and_the_result_until_the_handle_is_gone) {
    detail::block_reference<detail::result_block<counted>> handle(
        detail::make_spawned(give, counted(3), false)
    );
    EXPECT_EQ(counted::alive(), 1);
    EXPECT_FALSE(handle->done());
    handle->inherit(detail::outside_of_tasks());
    handle->make_frame();
    handle->run_here();
    EXPECT_TRUE(handle->done());
    EXPECT_EQ(counted::alive(), 1) << "the result alone";
    EXPECT_EQ(handle->take().value, 3);
}

TEST_F(block, throws_the_exception_and_keeps_nothing_of_it) {
    detail::block_reference<detail::result_block<counted>> handle(
        detail::make_spawned(give, counted(3), true)
    );
    handle->inherit(detail::outside_of_tasks());
    handle->make_frame();
    handle->run_here();
    EXPECT_EQ(counted::alive(), 0);
    EXPECT_THROW((void)handle->take(), std::runtime_error);
    EXPECT_THROW((void)handle->take(), std::logic_error);
    EXPECT_EQ(handle->error, nullptr);
}

TEST_F(block, destroys_a_frame_that_never_ran) {
    const detail::block_reference<detail::result_block<counted>> handle(
        detail::make_spawned(give, counted(3), false)
    );
    const detail::block_reference<detail::task_block> run(handle.get());
    handle->make_frame();
}

TEST_F(block, wakes_its_joiner_when_it_is_done) {
    detail::block_reference<detail::result_block<counted>> handle(
        detail::make_spawned(give, counted(3), false)
    );
    handle->inherit(detail::outside_of_tasks());
    handle->make_frame();
    detail::waiter joiner;
    joiner.prepare_thread();
    handle->publish_joiner(detail::ticket(joiner, 2));
    handle->run_here();
    EXPECT_FALSE(joiner.arm());
    EXPECT_EQ(joiner.claimed_by(), 2);
    handle->withdraw_joiner();

    joiner.prepare_thread();
    handle->publish_joiner(detail::ticket(joiner, 1));
    EXPECT_FALSE(joiner.arm()) << "done already: claimed at once";
}

}  // namespace
