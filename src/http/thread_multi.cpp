// SPDX-License-Identifier: BSL-1.0
#include "thread_multi.hpp"

#include <amphi/base/lock.hpp>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstddef>
#include <utility>
#include <vector>

namespace amphi::http::detail {

namespace {

using amphi::detail::lock;
using amphi::detail::lock_guard;
using amphi::detail::waiter;

constexpr long connections_a_handle = 1;

/// The carriers that rest, the latest last. Never destroyed: threads may outlive it.
class pool {
public:
    std::unique_ptr<thread_multi> take(const std::string& destination) noexcept {
        const lock_guard guard(lock_);
        if (resting_.empty()) return nullptr;
        // The latest of its kind: its connection is the least likely to have been closed meanwhile.
        // Without one, the oldest of all gives up its connection.
        auto found = std::find_if(resting_.rbegin(), resting_.rend(), [&](const auto& rests) {
            return rests->connected_to == destination;
        });
        const auto chosen = found != resting_.rend() ? std::prev(found.base()) : resting_.begin();
        std::unique_ptr<thread_multi> taken = std::move(*chosen);
        resting_.erase(chosen);
        return taken;
    }

    void give_back(std::unique_ptr<thread_multi> used) noexcept {
        std::unique_ptr<thread_multi> oldest;  // Destroyed, that is disconnected, after the lock.
        const lock_guard guard(lock_);
        if (resting_.size() == resting_max) {
            oldest = std::move(resting_.front());
            resting_.erase(resting_.begin());
        }
        resting_.push_back(std::move(used));
    }

    static pool& shared() {
        static auto& only = *new pool;
        return only;
    }

private:
    pool() { resting_.reserve(resting_max); }

    // Each holds three descriptors. More threads than this may be busy with carriers of their own.
    static constexpr std::size_t resting_max = 64;

    lock lock_;
    std::vector<std::unique_ptr<thread_multi>> resting_ AMPHI_GUARDED_BY(lock_);
};

int milliseconds_until(time_point when, time_point now) noexcept {
    if (when == never) return INT_MAX;
    // Upwards: a wait that ends early would only begin anew.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - now).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
}

}  // namespace

thread_multi::thread_multi() : carrier(connections_a_handle) {}

void thread_multi::call(transfer&) noexcept {
    called_ = true;
}

void thread_multi::drive(transfer& t, waiter& w, time_point deadline) {
    if (std::exchange(called_, false)) serve(t);
    for (;;) {
        int running = 0;
        curl_multi_perform(multi(), &running);
        collect();
        const time_point now = clock::now();
        end_stalled(now);
        if (t.is_settled() || now >= deadline) {
            w.end_polling(t.is_settled() ? waiter::source{0} : waiter::deadline_source);
            return;
        }
        curl_waitfd woken{w.wake_descriptor(), CURL_WAIT_POLLIN, 0};
        const time_point until = std::min(deadline, next_stall());
        curl_multi_poll(multi(), &woken, 1, milliseconds_until(until, now), nullptr);
        if (woken.revents != 0) {
            w.end_polling(waiter::deadline_source);  // Somebody else was first, and is asked why.
            return;
        }
    }
}

thread_lease::thread_lease(const url& target) {
    const std::string destination =
        target.scheme() + "://" + target.host() + ":" + std::to_string(target.port());
    multi_ = pool::shared().take(destination);
    if (multi_ == nullptr) multi_ = std::make_unique<thread_multi>();
    multi_->connected_to = destination;
}

thread_lease::~thread_lease() {
    pool::shared().give_back(std::move(multi_));
}

}  // namespace amphi::http::detail
