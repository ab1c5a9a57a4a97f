// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/driver.hpp>
#include <amphi/async/runtime.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>

#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace amphi::testing {

/// One of the executors on which the same body must behave alike.
struct life {
    const char* name;    ///< for test names: letters, digits and underscores
    const char* driver;  ///< as `runtime_options` names it; null: plain threads

    friend std::ostream& operator<<(std::ostream& out, const life& l) { return out << l.name; }
};

/// Every executor and driver: a new one is one more row.
inline constexpr life lives[] = {
    {"threads", nullptr},
    {"async_epoll", "epoll"},
    {"async_uring", "uring"},
};

/// "Same body" as a fixture: each TEST_P of a suite derived from it runs in every life. Beside the
/// suite stands one line:
///
///     INSTANTIATE_TEST_SUITE_P(lives, my_suite, all_lives(), name_of_life);
class each_life : public ::testing::TestWithParam<life> {
public:
    each_life() {
        if (suspends())
            runtime_.emplace(runtime_options().workers(2).name("test").driver(GetParam().driver));
    }

    void SetUp() override {
        const auto& found = detail::automatic_driver();
        if (suspends() && GetParam().driver == std::string("uring") && found.name != "uring")
            GTEST_SKIP() << found.reason;
    }

    /// Where the test's tasks run: plain threads, or a fresh runtime of two workers.
    [[nodiscard]] executor on() const noexcept {
        return runtime_ ? executor(*runtime_) : executor(threads);
    }

    /// Whether tasks suspend in this life, for the few expectations that differ.
    [[nodiscard]] static bool suspends() { return GetParam().driver != nullptr; }

    template <class F, class... Args>
    decltype(auto) run(F f, Args&&... args) {
        return amphi::run(on(), std::move(f), std::forward<Args>(args)...);
    }

private:
    std::optional<runtime> runtime_;
};

inline auto all_lives() {
    return ::testing::ValuesIn(lives);
}

inline std::string name_of_life(const ::testing::TestParamInfo<life>& info) {
    return info.param.name;
}

}  // namespace amphi::testing
