// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/driver.hpp>
#include <amphi/async/metrics.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/duration_histogram.hpp>
#include <amphi/base/own_counter.hpp>

#include <array>
#include <cstddef>

namespace amphi::detail {

/// A histogram that one thread adds to and others read.
class own_histogram {
public:
    void add(duration d) noexcept { counts_[duration_histogram::bucket_of(d)].add(); }
    [[nodiscard]] duration_histogram read() const noexcept {
        duration_histogram result;
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket)
            result.add_to(bucket, counts_[bucket].get());
        return result;
    }

private:
    std::array<own_counter, duration_histogram::bucket_count> counts_;
};

/// What a worker counts of itself. Threads: written by the worker, read by any.
struct worker_counters {
    own_counter polls;
    own_counter spawned;
    own_counter steals;
    own_counter stolen;
    own_counter parks;
    own_counter timers;
    driver_counters io;
    own_histogram poll_time;
    own_histogram scheduling_delay;

    [[nodiscard]] worker_metrics read() const noexcept {
        worker_metrics result;
        result.polls = polls.get();
        result.spawned = spawned.get();
        result.steals = steals.get();
        result.stolen = stolen.get();
        result.parks = parks.get();
        result.driver_calls = io.calls.get();
        result.driver_events = io.events.get();
        result.timers = timers.get();
        result.poll_time = poll_time.read();
        result.scheduling_delay = scheduling_delay.read();
        return result;
    }
};

}  // namespace amphi::detail
