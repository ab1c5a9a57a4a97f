// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "figures.hpp"

#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace amphi::compare {

/// A program to run. It reads nothing, and what it says goes to a file.
class launch {
public:
    std::vector<std::string> words;  ///< the program, by its path or looked for in PATH
    std::string on;                  ///< AMPHI_ON for it; empty: as it is
    std::filesystem::path log;
    std::string out{};  ///< AMPHI_OUT for it; empty: as it is
};

class outcome {
public:
    int exit_code = 0;  ///< 128 and the signal, when one ended it; 127: it could not be started
    run_figures figures{};
};

/// Thrown out of `measure` when `stop` became readable; the program has been killed.
class interrupted : public std::exception {
public:
    [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

/// Runs a program to its end and measures it and those that it has waited for. What it leaves
/// running in its process group is killed. `stop` is a descriptor or -1.
///
/// Memory is the kernel's figure, exact, of the largest process. Where that is no more than what
/// this process's copy had before it became the program, it is the last of the looks at it, every
/// 5 ms; none for a program that ends before the first. Threads are seen by such looks too, the
/// first process's alone.
///
/// Threads: this process must have one. Throws `std::system_error` when it cannot start any.
[[nodiscard]] outcome measure(const launch& what, int stop);

/// The last lines of what a program has said, as a terminal can be trusted with them.
[[nodiscard]] std::string end_of_log(const std::filesystem::path& log);

}  // namespace amphi::compare
