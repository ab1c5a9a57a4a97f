// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace amphi::cli {

/// What the demo does; as it stands, in a minute at most.
class demo_plan {
public:
    using file_sizes =
        std::vector<std::pair<std::size_t, std::size_t>>;  ///< how many of which size

    std::string program;  ///< the amphi command
    bool keep_files = false;
    file_sizes few{{4, 20'000'000}, {12, 5'000'000}, {60, 1'000'000}};
    std::size_t few_jobs = 16;
    file_sizes thousands{{1000, 1024}, {1000, 4096}, {1000, 7168}};
    std::size_t thousands_jobs = 3000;
    std::chrono::milliseconds delay{500};  ///< of each answer to the thousands
    std::size_t repeats = 3;               ///< of each figure, the least wall time counting
    std::chrono::seconds time_max{60};
};

/// Serves random files, downloads them in both lives, verifies them, and prints what it cost: three
/// rounds, each with the sentence that its figures support. Returns the command's exit code: zero
/// when every file of every row was right.
/// This process must have one thread. Throws `std::system_error` when it cannot do its work at all.
[[nodiscard]] int run_demo(const demo_plan& plan);

}  // namespace amphi::cli
