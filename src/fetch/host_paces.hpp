// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/http/url.hpp>
#include <amphi/task/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace amphi::fetch {

class url_queue;

/// The host asked for a longer wait than anybody waits: it is asked nothing until then.
class host_closed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// When the next request to a host may be sent: not more often than is allowed, not while the host
/// wants to be left alone, and gently after that.
///
/// An answer of "too many requests" holds back the host, not one URL: nothing is sent to it until
/// the time that it names, or until a pause that doubles each time. Then requests go out one by
/// one, at an interval that shrinks with each success until it is gone. Each who waits has a time
/// of its own, so nobody wakes for nothing and the first to come is the first to go.
///
/// Threads: any. Cost: nothing but a load while no host was busy and there is no limit.
class host_paces {
public:
    /// The longest wait that is waited for.
    static constexpr std::chrono::minutes hold_max{5};
    /// At most so much is added to what a host asks for.
    static constexpr std::chrono::seconds jitter_max{5};

    /// `per_second`: requests to one host; zero: no limit.
    explicit host_paces(double per_second);

    /// Which requests were sent before a host said that they are too many.
    using era = std::uint64_t;

    /// Waits until a request may be sent. Meanwhile `queue`, unless it is null, hands out no
    /// further URL of that host, so that those of others are downloaded.
    /// Cancellation: ends at once. Errors: `host_closed`.
    [[nodiscard]] task<era> pass(const http::url& to, url_queue* queue);

    /// A request of that era was answered by "too many", and by how long to wait, if that was
    /// said. Yields how long nothing is sent from now on.
    duration was_too_much(
        const http::url& to, era sent, std::optional<std::chrono::seconds> wait, time_point now
    );

    /// A request of that era was answered as it should be. One that was sent before the host said
    /// that they are too many tells nothing of what it bears now.
    void went_well(const http::url& to, era sent) noexcept;

private:
    struct pace {
        time_point open_at{};   // nothing is sent before
        time_point next_at{};   // when the next one may be sent, as the interval says
        duration interval{};    // between two
        unsigned failures = 0;  // in a row
        era now = 0;
        bool closed = false;  // until open_at, for good
    };

    /// The time of the next request; nothing when there is no limit.
    [[nodiscard]] std::optional<time_point> reserve(const http::url& to, time_point now, era& at);
    [[nodiscard]] bool is_era(const http::url& to, era then);
    void forget_idle(time_point now) AMPHI_REQUIRES(lock_);

    const duration interval_min_;
    amphi::detail::lock lock_;
    std::unordered_map<std::string, pace> hosts_ AMPHI_GUARDED_BY(lock_);
    era last_era_ AMPHI_GUARDED_BY(lock_) = 0;  // no host has one twice, should it be forgotten
    // How many hosts there are. relaxed: who misses a new one is as one who asked just before it.
    amphi::detail::atomic<std::size_t> count_{0};
};

}  // namespace amphi::fetch
