// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/driver.hpp>
#include <amphi/async/ring_send.hpp>
#include <amphi/async/runtime.hpp>
#include <amphi/base/descriptor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/task/task.hpp>

#include "support/borrowed.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace amphi {
namespace {

using detail::ring_send;
using testing::borrowed;

class socket_pair {
public:
    socket_pair() {
        std::array<int, 2> both{};
        const int how = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
        EXPECT_EQ(::socketpair(AF_UNIX, how, 0, both.data()), 0);
        here.reset(both[0]);
        there.reset(both[1]);
    }
    [[nodiscard]] std::string received() const {
        std::array<char, 256> buffer{};
        const auto count = ::recv(there.get(), buffer.data(), buffer.size(), 0);
        return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count))
                         : std::string();
    }
    void fill() const {
        const std::vector<char> bytes(1 << 16);
        while (::send(here.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
        }
    }

    descriptor here;
    descriptor there;
};

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

/// One worker: what is runnable besides a task stays there.
class ring_send_test : public ::testing::Test {
protected:
    explicit ring_send_test(const char* driver = "uring") {
        const auto& found = detail::automatic_driver();
        if (found.name == "uring" || driver != std::string("uring"))
            worker_.emplace(runtime_options().workers(1).driver(driver));
        else
            why_not_ = found.reason;
    }
    void SetUp() override {
        if (!worker_) GTEST_SKIP() << why_not_;
    }
    template <class F, class... Args>
    void run(F f, Args&&... args) {
        amphi::run(*worker_, f, std::forward<Args>(args)...);
    }

private:
    std::optional<runtime> worker_;
    std::string why_not_;
};

task<> nothing() {
    co_return;
}

/// What a send of `text` says while another task is runnable; none if it was not begun.
task<std::optional<int>> send_beside_another(const descriptor& to, std::string_view text) {
    (void)detail::driver_of_this_worker();
    std::optional<int> said;
    co_await scope(
        [](task_scope& jobs,
           const descriptor& fd,
           std::string_view bytes,
           std::optional<int>& result) -> task<> {
            (void)co_await jobs.spawn(nothing);
            ring_send sent(fd.get(), bytes_of(bytes));
            if (!sent.begin()) co_return;
            result = co_await sent;
        },
        to,
        text,
        said
    );
    co_return said;
}

TEST_F(ring_send_test, sends_and_says_how_much) {
    run([]() -> task<> {
        const socket_pair between;
        const auto said = co_await send_beside_another(between.here, "hello");
        EXPECT_EQ(said, 5);
        EXPECT_EQ(between.received(), "hello");
    });
}

TEST_F(ring_send_test, does_not_wait_for_room) {
    run([]() -> task<> {
        const socket_pair between;
        between.fill();
        const auto said = co_await send_beside_another(between.here, "more");
        EXPECT_EQ(said, -EAGAIN);
    });
}

TEST_F(ring_send_test, says_that_the_peer_has_gone_without_a_signal) {
    run([]() -> task<> {
        socket_pair between;
        between.there.reset();
        const auto said = co_await send_beside_another(between.here, "anybody?");
        EXPECT_EQ(said, -EPIPE);
    });
}

TEST_F(ring_send_test, is_refused_where_it_does_not_pay) {
    run([]() -> task<> {
        const socket_pair between;
        (void)detail::driver_of_this_worker();
        ring_send alone(between.here.get(), bytes_of("alone"));
        EXPECT_FALSE(alone.begin());
        const std::string much(1 << 20, 'x');
        const auto said = co_await send_beside_another(between.here, much);
        EXPECT_EQ(said, std::nullopt);
        EXPECT_EQ(between.received(), "");
    });
    const socket_pair between;
    ring_send outside(between.here.get(), bytes_of("no worker"));
    EXPECT_FALSE(outside.begin());
}

class epoll_send_test : public ring_send_test {
protected:
    epoll_send_test() : ring_send_test("epoll") {}
};

TEST_F(epoll_send_test, is_refused_without_a_ring) {
    run([]() -> task<> {
        const socket_pair between;
        const auto said = co_await send_beside_another(between.here, "hello");
        EXPECT_EQ(said, std::nullopt);
    });
}

/// A send that is begun while others are, and the number of those that said so.
task<> send_number(borrowed<std::deque<socket_pair>> to, std::size_t index, borrowed<int> begun) {
    const std::string text = std::to_string(index);
    ring_send sent((*to)[index].here.get(), bytes_of(text));
    if (!sent.begin()) co_return;
    ++*begun;
    const int result = co_await sent;
    EXPECT_EQ(result, static_cast<int>(text.size()));
}

TEST_F(ring_send_test, takes_more_of_them_than_the_ring_has_room_for) {
    run([]() -> task<> {
        (void)detail::driver_of_this_worker();
        std::deque<socket_pair> pairs(300);
        int begun = 0;
        co_await scope(
            [](task_scope& jobs, std::deque<socket_pair>& to, int& count) -> task<> {
                for (std::size_t i = 0; i < to.size(); ++i)
                    (void)co_await jobs.spawn(send_number, borrowed(to), i, borrowed(count));
            },
            pairs,
            begun
        );
        // The last one to run had nobody beside it.
        EXPECT_GE(begun, static_cast<int>(pairs.size()) - 1);
        int arrived = 0;
        for (std::size_t i = 0; i < pairs.size(); ++i)
            arrived += pairs[i].received() == std::to_string(i) ? 1 : 0;
        EXPECT_EQ(arrived, begun);
    });
}

task<> request_stop(borrowed<task_scope> of) {
    of->request_stop();
    co_return;
}

// The stop comes between `begin` and the worker's next turn.
TEST_F(ring_send_test, what_was_begun_ends_by_itself_when_a_stop_comes) {
    run([]() -> task<> {
        (void)detail::driver_of_this_worker();
        const socket_pair between;
        int said = 0;
        co_await scope(
            [](task_scope& jobs, const socket_pair& to, int& result) -> task<> {
                (void)co_await jobs.spawn(request_stop, borrowed(jobs));
                ring_send sent(to.here.get(), bytes_of("through"));
                EXPECT_TRUE(sent.begin());
                result = co_await sent;
            },
            between,
            said
        );
        EXPECT_EQ(said, 7);
        EXPECT_EQ(between.received(), "through");
    });
}

}  // namespace
}  // namespace amphi
