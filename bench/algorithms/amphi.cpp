// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/join.hpp>
#include <amphi/compute/pipeline.hpp>
#include <amphi/compute/pool.hpp>
#include <amphi/compute/sort.hpp>

#include "algorithms/work.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

namespace parallel = amphi::parallel;

/// The branches [first, last) of ten, by halves.
std::uint64_t skynet(std::uint64_t number, std::uint64_t leaves);
std::uint64_t branches(std::uint64_t number, std::uint64_t leaves, unsigned first, unsigned last) {
    if (last - first == 1) return skynet(number + first * leaves, leaves);
    const unsigned middle = first + (last - first) / 2;
    const auto [a, b] = amphi::join(
        [=] { return branches(number, leaves, first, middle); },
        [=] { return branches(number, leaves, middle, last); }
    );
    return a + b;
}
std::uint64_t skynet(std::uint64_t number, std::uint64_t leaves) {
    return leaves == 1 ? number : branches(number, leaves / 10, 0, 10);
}

int solutions(const board& above, int row);
/// With a queen on each of the squares.
int with_each(const board& above, int row, unsigned squares) {
    const unsigned queen = squares & -squares;
    const unsigned others = squares ^ queen;
    if (others == 0) return solutions(above.with(row, queen), row + 1);
    const auto [a, b] = amphi::join(
        [&] { return solutions(above.with(row, queen), row + 1); },
        [&] { return with_each(above, row, others); }
    );
    return a + b;
}
int solutions(const board& above, int row) {
    if (row == queens) return 1;
    const unsigned squares = above.free(row);
    return squares == 0 ? 0 : with_each(above, row, squares);
}

struct in_pool {
    amphi::compute_pool& pool;

    double sum(const std::vector<double>& all) const {
        return pool.run([&] {
            return parallel::from(all) | parallel::transform(root) | parallel::reduce(0.0);
        });
    }
    std::vector<std::uint64_t> map(const std::vector<std::uint64_t>& all) const {
        return pool.run([&] {
            return parallel::from(all) | parallel::transform(mixed) | parallel::to_vector();
        });
    }
    void sort(std::vector<std::uint64_t>& all) const {
        pool.run([&] { parallel::sort(all); });
    }
    std::uint64_t skynet(std::uint64_t number, std::uint64_t leaves) const {
        return pool.run([=] { return ::skynet(number, leaves); });
    }
    int solutions(const board& above, int row) const {
        return pool.run([&] { return ::solutions(above, row); });
    }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const auto workers = static_cast<std::size_t>(std::atoi(argv[2]));
    amphi::compute_pool pool(amphi::compute_options{}.workers(workers));
    return run(argv[1], in_pool{pool});
}
