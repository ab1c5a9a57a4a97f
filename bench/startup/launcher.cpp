// SPDX-License-Identifier: BSL-1.0
// Runs some programs in turn, many times, and prints what each process took from its start to its
// end: the median, and the lower decile, which others on the machine have not disturbed. From a
// small process, and without a shell or an interpreter in between.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct program {
    char* path;
    std::vector<double> wall_us;
    std::vector<double> cpu_us;
};

double now_us() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double microseconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

void run_once(program& of) {
    char* arguments[] = {of.path, nullptr};
    pid_t child = 0;
    const double begun = now_us();
    if (::posix_spawn(&child, of.path, nullptr, nullptr, arguments, environ) != 0) std::exit(1);
    int status = 0;
    rusage usage{};
    if (::wait4(child, &status, 0, &usage) != child || status != 0) std::exit(1);
    of.wall_us.push_back(now_us() - begun);
    of.cpu_us.push_back(microseconds(usage.ru_utime) + microseconds(usage.ru_stime));
}

double quantile(std::vector<double>& of, double share) {
    const auto place = static_cast<std::ptrdiff_t>(static_cast<double>(of.size()) * share);
    std::nth_element(of.begin(), of.begin() + place, of.end());
    return of[static_cast<std::size_t>(place)];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s TIMES PROGRAM...\n", argv[0]);
        return 2;
    }
    std::vector<program> programs;
    for (int i = 2; i < argc; ++i)
        programs.push_back({argv[i], {}, {}});
    for (int round = 0; round < std::atoi(argv[1]); ++round)
        for (program& each : programs)
            run_once(each);
    for (program& each : programs) {
        std::printf("%s wall us, undisturbed: %.1f\n", each.path, quantile(each.wall_us, 0.1));
        std::printf("%s wall us: %.1f\n", each.path, quantile(each.wall_us, 0.5));
        std::printf("%s CPU us: %.1f\n", each.path, quantile(each.cpu_us, 0.5));
    }
}
