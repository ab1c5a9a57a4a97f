// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/metrics.hpp>

#include <cstdint>

namespace amphi {

worker_metrics& worker_metrics::operator+=(const worker_metrics& other) noexcept {
    polls += other.polls;
    spawned += other.spawned;
    steals += other.steals;
    stolen += other.stolen;
    parks += other.parks;
    driver_calls += other.driver_calls;
    driver_events += other.driver_events;
    timers += other.timers;
    poll_time += other.poll_time;
    scheduling_delay += other.scheduling_delay;
    return *this;
}

worker_metrics runtime_metrics::total() const noexcept {
    worker_metrics sum;
    for (const worker_metrics& one : workers)
        sum += one;
    return sum;
}

std::uint64_t runtime_metrics::tasks_spawned() const noexcept {
    std::uint64_t sum = spawned_outside;
    for (const worker_metrics& one : workers)
        sum += one.spawned;
    return sum;
}

}  // namespace amphi
