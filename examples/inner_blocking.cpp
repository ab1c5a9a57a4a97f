// SPDX-License-Identifier: BSL-1.0
// Async outside, plain threads inside: a call that computes or blocks leaves the worker free.
#include <amphi/amphi.hpp>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <utility>
#include <vector>

// [on]
std::uint64_t checksum(const std::vector<std::uint32_t>& data) {
    return std::accumulate(data.begin(), data.end(), std::uint64_t{0});
}

amphi::task<std::uint64_t> checksum_of_some() {
    const std::vector<std::uint32_t> data(1'000'000, 3);
    // By reference, since the caller waits. On a plain thread this is just the call.
    co_return co_await amphi::on(amphi::threads, checksum, data);
}
// [on]

// [spawn_on]
amphi::task<std::uint64_t> checksums_side_by_side() {
    co_return co_await amphi::scope([](amphi::task_scope& jobs) -> amphi::task<std::uint64_t> {
        std::vector<std::uint32_t> ones(1'000'000, 1);
        std::vector<std::uint32_t> twos(1'000'000, 2);
        auto first = co_await jobs.spawn_on(amphi::threads, checksum, std::move(ones));
        auto second = co_await jobs.spawn_on(amphi::threads, checksum, std::move(twos));
        const std::uint64_t of_ones = co_await first.join();
        const std::uint64_t of_twos = co_await second.join();
        co_return of_ones + of_twos;
    });
}
// [spawn_on]

amphi::task<> body() {
    const std::uint64_t one = co_await checksum_of_some();
    const std::uint64_t other = co_await checksums_side_by_side();
    std::printf("%" PRIu64 " %" PRIu64 "\n", one, other);
}

int main() {
    amphi::run(amphi::async, body);
}
