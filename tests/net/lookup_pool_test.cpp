// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/io/completion.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>

#include "net/lookup_pool.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

using ::testing::ElementsAre;

/// A name server that answers only when the test lets it.
class gate {
public:
    std::vector<net::endpoint> ask(const std::string& host, std::uint16_t port) {
        std::unique_lock guard(mutex_);
        asked_.push_back(host);
        changed_.notify_all();
        if (host == "two at once") {
            ++meeting_;
            changed_.wait(guard, [this] { return meeting_ == 2; });
        }
        changed_.wait(guard, [this] { return open_; });
        if (host == "bad") throw std::runtime_error("no such host");
        return {net::endpoint::loopback(port)};
    }
    void set_open(bool open) {
        const std::lock_guard guard(mutex_);
        open_ = open;
        changed_.notify_all();
    }
    void wait_until_asked(std::size_t count) {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [&] { return asked_.size() >= count; });
    }
    /// As if nobody had asked yet.
    void forget() {
        const std::lock_guard guard(mutex_);
        asked_.clear();
        meeting_ = 0;
    }
    [[nodiscard]] std::vector<std::string> asked() {
        const std::lock_guard guard(mutex_);
        return asked_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
    int meeting_ = 0;
    std::vector<std::string> asked_;
};

gate& server() {
    static gate only;
    return only;
}

std::vector<net::endpoint> ask_server(const std::string& host, std::uint16_t port) {
    return server().ask(host, port);
}

lookup_pool& pool_of_two() {
    static lookup_pool only(2, ask_server);
    return only;
}

task<net::endpoint> look_up(std::string host) {
    completion<std::vector<net::endpoint>> answered;
    pool_of_two().start(lookup{std::move(host), 80, answered.to_complete()});
    const std::vector<net::endpoint> found = co_await answered;
    co_return found.front();
}

class lookup_pool_test : public testing::each_life {
public:
    /// Leaves no lookup under way: while two of its own are, there is none of the test's.
    ~lookup_pool_test() override {
        run([]() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                for (int i = 0; i < 2; ++i)
                    (void)co_await jobs.spawn(look_up, "two at once");
            });
        });
        server().forget();
    }
};
INSTANTIATE_TEST_SUITE_P(lives, lookup_pool_test, testing::all_lives(), testing::name_of_life);

TEST_P(lookup_pool_test, answers_what_it_is_asked) {
    run([]() -> task<> {
        for (int round = 0; round < 20; ++round) {
            const net::endpoint found = co_await look_up("good");
            EXPECT_EQ(found, net::endpoint::loopback(80));
        }
    });
}

TEST_P(lookup_pool_test, a_failure_reaches_who_asked) {
    EXPECT_THROW(run(look_up, "bad"), std::runtime_error);
}

TEST_P(lookup_pool_test, asks_no_more_at_once_than_it_has_threads) {
    run([]() -> task<> {
        server().set_open(false);
        co_await scope([](task_scope& jobs) -> task<> {
            for (const char* host : {"a", "b", "c", "d"})
                (void)co_await jobs.spawn(look_up, host);
            server().wait_until_asked(2);
            co_await sleep_for(std::chrono::milliseconds(20));
            EXPECT_EQ(server().asked().size(), 2U);
            server().set_open(true);
        });
        EXPECT_EQ(server().asked().size(), 4U);
    });
}

TEST_P(lookup_pool_test, a_cancelled_wait_ends_while_the_lookup_goes_on) {
    run([]() -> task<> {
        server().set_open(false);
        std::string host = "slow";
        co_await testing::expect_deadline_ends(look_up, host);
        co_await testing::expect_stop_ends(look_up, host);
        server().set_open(true);
        const net::endpoint found = co_await look_up("good");
        EXPECT_EQ(found, net::endpoint::loopback(80));
    });
}

TEST_P(lookup_pool_test, what_nobody_waits_for_any_more_is_not_asked) {
    run([]() -> task<> {
        server().set_open(false);
        // Given up once they are under way: before, they would not be asked either.
        co_await scope([](task_scope& jobs) -> task<> {
            (void)co_await jobs.spawn(look_up, "first");
            server().wait_until_asked(1);
            (void)co_await jobs.spawn(look_up, "second");
            server().wait_until_asked(2);
            jobs.request_stop();
        });
        std::string dropped = "dropped";
        co_await testing::expect_deadline_ends(look_up, dropped);
        server().set_open(true);
        (void)co_await look_up("last");
        EXPECT_THAT(server().asked(), ElementsAre("first", "second", "last"));
    });
}

}  // namespace
}  // namespace amphi::detail
