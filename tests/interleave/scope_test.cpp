// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/join_handle.hpp>
#include <amphi/exec/join_line.hpp>
#include <amphi/exec/join_set.hpp>
#include <amphi/exec/scope_core.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/waiter.hpp>

#include "interleave/explore.hpp"
#include "interleave/wait_here.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

namespace {

using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::scenario;
using amphi::testing::wait_here;
using namespace amphi::detail;

// Joins, and destroys the scope as soon as the join returns: no child may touch it any more.
void join_and_destroy(std::unique_ptr<scope_core>& scope) {
    wait_here(scope_join(*scope), outside_of_tasks());
    scope.reset();
}

std::unique_ptr<scope_core> scope_with_children(std::size_t count) {
    auto scope = std::make_unique<scope_core>(outside_of_tasks());
    for (std::size_t i = 0; i < count; ++i)
        check(scope->try_enter(), "there is room");
    return scope;
}

TEST(scope, may_be_destroyed_after_its_join) {
    explore([](scenario& run) {
        const auto scope = std::make_shared<std::unique_ptr<scope_core>>(scope_with_children(2));
        run.thread([scope] { join_and_destroy(*scope); });
        for (int child = 0; child < 2; ++child)
            run.thread([scope] { (*scope)->leave(); });
    });
}

/// A place in the scope, as `spawn` waits for it.
class enter_operation : public operation<enter_operation> {
public:
    explicit enter_operation(scope_core& scope) noexcept : scope_(scope) {}

    [[nodiscard]] bool poll() noexcept { return scope_.try_enter(); }
    void publish(ticket t) noexcept { scope_.enter_or_wait(place_, t); }
    void withdraw() noexcept { scope_.withdraw(place_); }
    void result() const noexcept {}

private:
    scope_core& scope_;
    permit_waiter place_;
};

// A full scope. Two of its children want a further place each, the third asks for a stop and
// leaves. Whether a permit or the stop ends a wait, no place is lost and none is given twice.
TEST(scope, loses_no_permit_to_a_stop) {
    explore([](scenario& run) {
        constexpr std::size_t places = 3;
        struct state {
            std::unique_ptr<scope_core> scope = scope_with_children(places);
            lock guard;
            std::size_t inside = places;

            void enter() {
                const lock_guard held(guard);
                ++inside;
                check(inside <= places, "more children than the limit");
            }
            void leave() {
                {
                    const lock_guard held(guard);
                    --inside;
                }
                scope->leave();
            }
        };
        const auto s = std::make_shared<state>();
        s->scope->limit(places);
        run.thread([s] { join_and_destroy(s->scope); });
        for (int child = 0; child < 2; ++child)
            run.thread([s] {
                stop_state stop;
                stop.attach(s->scope->where().stop);
                context where = s->scope->where();
                where.stop = &stop;
                try {
                    wait_here(enter_operation(*s->scope), where);
                    s->enter();
                    s->leave();
                } catch (const amphi::operation_cancelled&) {
                    check(stop.requested() == stop_reason::cancel, "cancelled by nobody");
                }
                stop.detach();
                s->leave();
            });
        run.thread([s] {
            s->scope->request_stop();
            s->leave();
        });
    });
}

/// A spawned plain function.
class child_block final : public result_block<int> {
public:
    explicit child_block(bool fails) : fails_(fails) {}

    void make_frame() override {}
    void take_result() noexcept override {}
    void call() noexcept override {
        try {
            if (fails_) throw std::runtime_error("the child failed");
            result.emplace(7);
        } catch (...) {
            keep_error(std::current_exception());
        }
    }

private:
    bool fails_;
};

// Three threads know the task: its run, its handle, and whoever asks it to stop. Each lets go when
// it likes, the last one frees it.
TEST(scope, task_block_is_joined_and_freed_once) {
    explore([](scenario& run) {
        auto* const block = new child_block(false);
        run.thread([block] { block->run_here(); });
        run.thread([block] {
            const block_reference<result_block<int>> handle(block);
            block->stop.request(stop_reason::cancel);
            const int value = wait_here(join_operation<int>(*block), outside_of_tasks());
            check(value == 7, "the result was lost");
        });
    });
}

// Two children, one of which fails, with their handles dropped. The first failure stops the sibling
// and is thrown by the scope, which is destroyed right after; so are the blocks.
TEST(scope, reports_the_failure_of_a_child) {
    explore([](scenario& run) {
        struct state {
            std::unique_ptr<scope_core> scope = scope_with_children(2);
            child_block* children[2] = {new child_block(true), new child_block(false)};
        };
        const auto s = std::make_shared<state>();
        for (child_block* child : s->children) {
            child->listener = s->scope.get();
            child->inherit(s->scope->where());
            run.thread([child] { child->run_here(); });
            child->release();
        }
        run.thread([s] {
            wait_here(scope_join(*s->scope), outside_of_tasks());
            bool thrown = false;
            try {
                s->scope->throw_failure(false, outside_of_tasks());
            } catch (const std::runtime_error&) {
                thrown = true;
            }
            check(thrown, "the failure was lost");
            check(stop_requested(s->scope->where()), "the siblings were not stopped");
            s->scope.reset();
        });
    });
}

// Two members of a set end while its owner takes the first result, or gives the wait up, and drops
// the set with what is left in it; then the scope is joined and destroyed.
TEST(scope, join_set_gives_each_result_once_and_may_go_early) {
    explore([](scenario& run) {
        struct state {
            std::unique_ptr<scope_core> scope = scope_with_children(2);
            std::shared_ptr<join_line> line = std::make_shared<join_line>();
            std::size_t untaken = 2;
            stop_state stop;
            context inside;
        };
        const auto s = std::make_shared<state>();
        s->inside.stop = &s->stop;
        for (int child = 0; child < 2; ++child) {
            auto* const block = new child_block(false);
            block->listener = new set_member(*block, *s->scope, s->line);
            run.thread([block] { block->run_here(); });
        }
        run.thread([s] {
            bool taken = false;
            try {
                const auto first =
                    wait_here(join_next_operation<int>(*s->line, s->untaken), s->inside);
                taken = first == 7;
            } catch (const amphi::operation_cancelled&) {
            }
            check(s->untaken == (taken ? 1U : 2U), "a result was lost or taken twice");
            s->line.reset();
            join_and_destroy(s->scope);
        });
        run.thread([s] { s->stop.request(stop_reason::cancel); });
    });
}

}  // namespace
