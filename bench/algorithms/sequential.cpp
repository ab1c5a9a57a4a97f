// SPDX-License-Identifier: BSL-1.0
// The same in loops, on one thread, whatever it is told.
#include "algorithms/work.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

struct loops {
    static double sum(const std::vector<double>& all) {
        double total = 0;
        for (const double each : all)
            total += root(each);
        return total;
    }
    static std::vector<std::uint64_t> map(const std::vector<std::uint64_t>& all) {
        std::vector<std::uint64_t> to(all.size());
        std::transform(all.begin(), all.end(), to.begin(), mixed);
        return to;
    }
    static void sort(std::vector<std::uint64_t>& all) { std::sort(all.begin(), all.end()); }
    static std::uint64_t skynet(std::uint64_t number, std::uint64_t leaves) {
        if (leaves == 1) return number;
        std::uint64_t total = 0;
        for (unsigned i = 0; i < 10; ++i)
            total += skynet(number + i * (leaves / 10), leaves / 10);
        return total;
    }
    static int solutions(const board& above, int row) {
        if (row == queens) return 1;
        int total = 0;
        for (unsigned squares = above.free(row); squares != 0; squares &= squares - 1)
            total += solutions(above.with(row, squares & -squares), row + 1);
        return total;
    }
};

}  // namespace

int main(int argc, char** argv) {
    return argc < 2 ? 2 : run(argv[1], loops());
}
