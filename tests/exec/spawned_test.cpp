// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/spawned.hpp>
#include <amphi/task/operation.hpp>

#include "support/counted.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using amphi::testing::counted;

template <class T>
using handle_to = detail::block_reference<detail::result_block<T>>;

template <class T>
void run_block(const handle_to<T>& handle) {
    handle->inherit(detail::outside_of_tasks());
    handle->make_frame();
    handle->run_here();
}

TEST(spawned, calls_a_plain_function) {
    const auto add = [](int a, std::unique_ptr<int> b) { return a + *b; };
    const handle_to<int> handle(detail::make_spawned(add, 1, std::make_unique<int>(2)));
    run_block(handle);
    EXPECT_EQ(handle->take(), 3);
}

TEST(spawned, keeps_what_a_plain_function_throws) {
    const auto fail = [](counted) { throw std::runtime_error("plain"); };
    const handle_to<void> handle(detail::make_spawned(fail, counted(1)));
    run_block(handle);
    EXPECT_THROW(handle->take(), std::runtime_error);
    EXPECT_EQ(counted::alive(), 0);
}

TEST(spawned, lets_a_coroutine_refer_to_its_stored_arguments) {
    const auto refers = [](std::string& text, const std::string& more) -> task<std::string> {
        text += more;
        co_return text;
    };
    const handle_to<std::string> handle(
        detail::make_spawned(refers, "long enough to be allocated, ", "all of it")
    );
    run_block(handle);
    EXPECT_EQ(handle->take(), "long enough to be allocated, all of it");
}

TEST(spawned, throws_what_the_making_of_its_frame_throws_and_leaves_nothing) {
    const auto by_value = [](counted value) -> task<int> { co_return value.value; };
    for (int nth = 1; nth <= 2; ++nth) {
        const handle_to<int> handle(detail::make_spawned(by_value, counted(1)));
        const detail::block_reference<detail::task_block> run(handle.get());
        counted::throw_at_move(nth);
        EXPECT_THROW(handle->make_frame(), std::runtime_error);
        counted::throw_at_move(0);
    }
    EXPECT_EQ(counted::alive(), 0);
}

}  // namespace
