// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/supervise.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

namespace amphi {

void restart_policy::report(const std::exception_ptr& error, duration pause) {
    const auto length = std::chrono::ceil<std::chrono::milliseconds>(pause);
    const std::string text = "amphi: a supervised task failed: " + detail::message_of(error) +
                             "; it is run again in " + std::to_string(length.count()) + " ms\n";
    std::fputs(text.c_str(), stderr);
}

namespace detail {

duration supervision::failed(const std::exception_ptr& error, const context& where) {
    if (is_cancellation(error, where)) std::rethrow_exception(error);
    if (clock::now() - began_ >= policy_.healthy_after()) restarts_ = 0;
    if (restarts_ == policy_.restarts_max()) std::rethrow_exception(error);
    const duration pause = policy_.pauses().pause(restarts_);
    if (policy_.on_failure() != nullptr) policy_.on_failure()(error, pause);
    ++restarts_;
    return pause;
}

}  // namespace detail
}  // namespace amphi
