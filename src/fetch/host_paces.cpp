// SPDX-License-Identifier: BSL-1.0
#include "host_paces.hpp"

#include <amphi/time/backoff.hpp>
#include <amphi/time/sleep.hpp>

#include "host_key.hpp"
#include "url_queue.hpp"

#include <algorithm>
#include <random>

namespace amphi::fetch {

namespace {

using amphi::detail::lock_guard;
using std::chrono::milliseconds;
using std::chrono::seconds;

// After a pause requests are so far apart, twice as far each time that they still are too many.
constexpr milliseconds interval_first{100};
constexpr milliseconds interval_longest{2000};
// Less than this is no interval any more.
constexpr milliseconds interval_least{2};
constexpr std::size_t hosts_usual = 1024;

/// Up to a tenth, so that many clients do not come back together.
duration jitter(duration pause) {
    thread_local std::minstd_rand chance{std::random_device{}()};
    const duration most = std::min<duration>(pause / 10, host_paces::jitter_max);
    return duration(std::uniform_int_distribution<duration::rep>(0, most.count())(chance));
}

duration interval_of(double per_second) {
    return per_second > 0
               ? std::chrono::duration_cast<duration>(std::chrono::duration<double>(1 / per_second))
               : duration::zero();
}

/// While it lives the queue hands out none of a host.
class queue_hold {
public:
    queue_hold(url_queue* queue, const http::url& host) : queue_(queue), host_(host) {
        if (queue_ != nullptr) queue_->hold(host_);
    }
    queue_hold(const queue_hold&) = delete;
    queue_hold& operator=(const queue_hold&) = delete;
    ~queue_hold() {
        if (queue_ != nullptr) queue_->release(host_);
    }

private:
    url_queue* queue_;
    const http::url& host_;
};

}  // namespace

host_paces::host_paces(double per_second) : interval_min_(interval_of(per_second)) {}

std::optional<time_point> host_paces::reserve(const http::url& to, time_point now, era& at) {
    const lock_guard guard(lock_);
    const std::string key = host_key(to);
    auto found = hosts_.find(key);
    if (found == hosts_.end()) {
        if (interval_min_ == interval_min_.zero()) return std::nullopt;
        if (hosts_.size() >= hosts_usual) forget_idle(now);
        found = hosts_.emplace(key, pace{}).first;
        found->second.interval = interval_min_;
    }
    pace& host = found->second;
    if (host.closed && now < host.open_at) {
        const auto left = std::chrono::ceil<seconds>(host.open_at - now);
        throw host_closed(
            "the host asks to be left alone for another " + std::to_string(left.count()) + " s"
        );
    }
    host.closed = false;
    at = host.now;
    const time_point when = std::max({now, host.open_at, host.next_at});
    host.next_at = when + host.interval;
    count_.store(hosts_.size(), std::memory_order_relaxed);
    return when;
}

bool host_paces::is_era(const http::url& to, era then) {
    const lock_guard guard(lock_);
    const auto found = hosts_.find(host_key(to));
    return found == hosts_.end() || found->second.now == then;
}

void host_paces::forget_idle(time_point now) {
    std::erase_if(hosts_, [&](const auto& one) {
        const pace& host = one.second;
        return host.interval <= interval_min_ && host.next_at <= now && host.open_at <= now;
    });
}

task<host_paces::era> host_paces::pass(const http::url& to, url_queue* queue) {
    era sent = 0;
    if (interval_min_ == interval_min_.zero() && count_.load(std::memory_order_relaxed) == 0)
        co_return sent;
    for (bool in_time = false; !in_time;) {
        const time_point now = clock::now();
        const std::optional<time_point> when = reserve(to, now, sent);
        if (!when || *when <= now) break;
        // NOLINTNEXTLINE(misc-coroutine-hostile-raii): releases on any thread
        const queue_hold held(queue, to);
        auto sleep = sleep_until(*when);
        co_await sleep;
        // What was reserved before the host asked for a pause is reserved no more.
        in_time = is_era(to, sent);
    }
    co_return sent;
}

duration host_paces::was_too_much(
    const http::url& to, era sent, std::optional<seconds> wait, time_point now
) {
    const lock_guard guard(lock_);
    const auto [found, is_first] = hosts_.try_emplace(host_key(to));
    pace& host = found->second;
    count_.store(hosts_.size(), std::memory_order_relaxed);
    // Those that were under way together are too many once.
    const bool is_news = is_first || sent == host.now;
    duration pause = duration::zero();
    if (is_news) {
        host.interval = std::clamp<duration>(host.interval * 2, interval_first, interval_longest);
        host.interval = std::max(host.interval, interval_min_);
        pause = backoff(milliseconds(250), seconds(30)).pause(host.failures++);
    }
    if (wait && wait->count() > 0) {
        // A short wait does not open what is closed for a long one.
        host.closed = (host.closed && now < host.open_at) || *wait > hold_max;
        // Some name a year that no clock reaches.
        const duration asked = std::min<seconds>(*wait, std::chrono::hours(24 * 365));
        pause = asked + jitter(asked);
    }
    if (is_news || now + pause > host.open_at) {
        // What was reserved meanwhile is too early now.
        host.now = ++last_era_;
        host.open_at = std::max(host.open_at, now + pause);
        host.next_at = host.open_at;
    }
    return std::max(host.open_at - now, duration::zero());
}

void host_paces::went_well(const http::url& to, era sent) noexcept {
    if (count_.load(std::memory_order_relaxed) == 0) return;
    const lock_guard guard(lock_);
    const auto found = hosts_.find(host_key(to));
    if (found == hosts_.end()) return;
    pace& host = found->second;
    if (sent != host.now) return;
    host.failures = 0;
    host.interval = host.interval * 3 / 4;
    if (host.interval < interval_least) host.interval = duration::zero();
    host.interval = std::max(host.interval, interval_min_);
    if (host.interval == host.interval.zero() && host.open_at <= clock::now()) hosts_.erase(found);
    count_.store(hosts_.size(), std::memory_order_relaxed);
}

}  // namespace amphi::fetch
