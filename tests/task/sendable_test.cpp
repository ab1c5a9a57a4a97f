// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/sendable.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace {

using amphi::sendable;

enum class colour { red };
struct empty {};
struct opted_in {
    int* stays = nullptr;
};
struct unknown {
    int n = 0;
};

}  // namespace

template <>
inline constexpr bool amphi::enable_sendable<opted_in> = true;

namespace {

TEST(sendable, admits_values_that_own_what_they_hold) {
    EXPECT_TRUE((sendable<int> && sendable<double> && sendable<bool> && sendable<colour>));
    EXPECT_TRUE((sendable<std::string> && sendable<std::vector<std::string>>));
    EXPECT_TRUE((sendable<std::map<std::string, std::vector<int>>>));
    EXPECT_TRUE((sendable<std::unique_ptr<std::string>> && sendable<std::unique_ptr<int[]>>));
    EXPECT_TRUE((sendable<std::optional<int>> && sendable<std::tuple<int, std::string>>));
    EXPECT_TRUE((sendable<std::pair<int, int>> && sendable<std::variant<int, std::string>>));
    EXPECT_TRUE((sendable<std::array<int, 3>> && sendable<std::chrono::milliseconds>));
    EXPECT_TRUE((sendable<const int> && sendable<void> && sendable<empty>));
    EXPECT_TRUE((sendable<int (*)(int)>));
    EXPECT_TRUE((sendable<opted_in>));
}

TEST(sendable, denies_what_refers_to_elsewhere) {
    EXPECT_FALSE((sendable<int*> || sendable<const char*> || sendable<void*>));
    EXPECT_FALSE((sendable<int&> || sendable<const int&> || sendable<int&&>));
    EXPECT_FALSE((sendable<std::string_view> || sendable<std::span<int>>));
    EXPECT_FALSE((sendable<std::reference_wrapper<int>>));
    EXPECT_FALSE((sendable<std::vector<int>::iterator>));
    EXPECT_FALSE((sendable<std::function<void()>>));
    EXPECT_FALSE((sendable<std::shared_ptr<int>> || sendable<std::weak_ptr<int>>));
    EXPECT_FALSE((sendable<std::unique_lock<std::mutex>>));
    EXPECT_FALSE((sendable<std::coroutine_handle<>>));
    EXPECT_FALSE((sendable<volatile int>));
    EXPECT_FALSE((sendable<unknown>));
}

TEST(sendable, looks_into_what_it_admits) {
    EXPECT_FALSE((sendable<std::vector<int*>> || sendable<std::optional<std::tuple<int, int*>>>));
    EXPECT_FALSE((sendable<std::map<int, std::string_view>>));
    EXPECT_FALSE((sendable<std::unique_ptr<int*>> || sendable<std::array<int*, 2>>));
    EXPECT_FALSE((sendable<std::variant<int, unknown>> || sendable<std::pair<int, int&>>));
}

}  // namespace
