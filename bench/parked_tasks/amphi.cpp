// SPDX-License-Identifier: BSL-1.0
// Parks tasks on a sleep and says what one of them took.
#include <amphi/amphi.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace {

std::atomic<long> begun{0};

amphi::task<> park() {
    begun.fetch_add(1, std::memory_order_relaxed);
    co_await amphi::sleep_for(1h);
}

double resident_bytes() {
    long pages_in_all = 0;
    long pages = 0;
    std::FILE* const statm = std::fopen("/proc/self/statm", "r");
    if (statm == nullptr || std::fscanf(statm, "%ld %ld", &pages_in_all, &pages) != 2) std::abort();
    std::fclose(statm);
    return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double peak_bytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024;
}

amphi::task<> park_all(long count) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, long total) -> amphi::task<> {
            const double before = resident_bytes();
            for (long i = 0; i < total; ++i)
                co_await jobs.spawn(park);
            while (begun.load(std::memory_order_relaxed) < total)
                co_await amphi::yield();
            const auto tasks = static_cast<double>(total);
            std::printf("bytes a task: %.1f\n", (resident_bytes() - before) / tasks);
            std::printf("at the peak: %.1f\n", (peak_bytes() - before) / tasks);
            jobs.request_stop();
        },
        count
    );
}

}  // namespace

int main(int argc, char** argv) {
    const long count = argc > 1 ? std::atol(argv[1]) : 1'000'000;
    amphi::run(amphi::async, park_all, count);
}
