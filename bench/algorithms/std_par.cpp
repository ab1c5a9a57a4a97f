// SPDX-License-Identifier: BSL-1.0
// What the standard library has of it, which runs on oneTBB.
#include "algorithms/work.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <execution>
#include <functional>
#include <numeric>
#include <vector>

#include <tbb/global_control.h>

namespace {

struct with_par {
    static double sum(const std::vector<double>& all) {
        return std::transform_reduce(
            std::execution::par, all.begin(), all.end(), 0.0, std::plus<>(), root
        );
    }
    static std::vector<std::uint64_t> map(const std::vector<std::uint64_t>& all) {
        std::vector<std::uint64_t> to(all.size());
        std::transform(std::execution::par, all.begin(), all.end(), to.begin(), mixed);
        return to;
    }
    static void sort(std::vector<std::uint64_t>& all) {
        std::sort(std::execution::par, all.begin(), all.end());
    }
    // It has no fork and join.
    [[noreturn]] static std::uint64_t skynet(std::uint64_t, std::uint64_t) { std::exit(2); }
    [[noreturn]] static int solutions(const board&, int) { std::exit(2); }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const auto threads = static_cast<std::size_t>(std::atoi(argv[2]));
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    return run(argv[1], with_par());
}
