// SPDX-License-Identifier: BSL-1.0
#include "algorithms/work.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <vector>

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#include <tbb/parallel_sort.h>
#include <tbb/task_group.h>

namespace {

using range = tbb::blocked_range<std::size_t>;

struct with_tbb {
    static double sum(const std::vector<double>& all) {
        const auto add = [&](const range& part, double total) {
            for (std::size_t i = part.begin(); i != part.end(); ++i)
                total += root(all[i]);
            return total;
        };
        return tbb::parallel_reduce(range(0, all.size()), 0.0, add, std::plus<>());
    }
    static std::vector<std::uint64_t> map(const std::vector<std::uint64_t>& all) {
        std::vector<std::uint64_t> to(all.size());
        tbb::parallel_for(range(0, all.size()), [&](const range& part) {
            for (std::size_t i = part.begin(); i != part.end(); ++i)
                to[i] = mixed(all[i]);
        });
        return to;
    }
    static void sort(std::vector<std::uint64_t>& all) { tbb::parallel_sort(all); }
    static std::uint64_t skynet(std::uint64_t number, std::uint64_t leaves) {
        if (leaves == 1) return number;
        std::uint64_t of[10] = {};
        tbb::task_group group;
        for (unsigned i = 0; i < 10; ++i)
            group.run([&, i] { of[i] = skynet(number + i * (leaves / 10), leaves / 10); });
        group.wait();
        std::uint64_t total = 0;
        for (const std::uint64_t each : of)
            total += each;
        return total;
    }
    static int solutions(const board& above, int row) {
        if (row == queens) return 1;
        std::atomic<int> total{0};
        tbb::task_group group;
        for (unsigned squares = above.free(row); squares != 0; squares &= squares - 1) {
            const board next = above.with(row, squares & -squares);
            group.run([&total, next, row] { total += solutions(next, row + 1); });
        }
        group.wait();
        return total;
    }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const auto threads = static_cast<std::size_t>(std::atoi(argv[2]));
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    return run(argv[1], with_tbb());
}
