// SPDX-License-Identifier: BSL-1.0
#include "byte_budget.hpp"

#include <amphi/time/sleep.hpp>

#include <algorithm>
#include <chrono>

namespace amphi::fetch {

namespace {

// What was not used for so long may be used at once.
constexpr std::chrono::milliseconds burst{100};

}  // namespace

time_point byte_budget::pay(std::size_t bytes, time_point now) noexcept {
    const auto price = std::chrono::duration<double>(
        static_cast<double>(bytes) / static_cast<double>(per_second_)
    );
    const amphi::detail::lock_guard guard(lock_);
    const time_point from = std::max(free_at_, now - burst);
    free_at_ = from + std::chrono::duration_cast<duration>(price);
    return from;
}

bool byte_share::may_take(std::size_t bytes) noexcept {
    if (!of_.is_limited()) return true;
    const time_point now = clock::now();
    if (paid_ < bytes) {
        from_ = of_.pay(bytes - paid_, now);
        paid_ = bytes;
    }
    if (from_ > now) return false;
    paid_ -= bytes;
    return true;
}

task<> byte_share::wait() {
    auto sleep = sleep_until(from_);
    co_await sleep;
}

}  // namespace amphi::fetch
