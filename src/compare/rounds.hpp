// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "figures.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace amphi::compare {

/// One of the two, before it runs. In its words and in those of `prepare`, `{out}` stands for the
/// round's folder.
class contender {
public:
    std::string name;
    std::string command;  ///< as a person would type it
    std::vector<std::string> words;
    std::string on;  ///< AMPHI_ON for it; empty: as it is
};

class plan {
public:
    contender a;
    contender b;
    std::size_t rounds = 10;
    std::vector<std::string> prepare;
    std::filesystem::path folder;  ///< below which each round has its own
    int stop = -1;                 ///< readable when the user has had enough
    std::function<void(const std::string&)> progress;
};

class result {
public:
    side a;
    side b;
    std::size_t files = 0;   ///< that each run of the two has written
    std::string difference;  ///< what of them differed, empty when nothing did
};

/// A program of the two, or what prepares them, has failed; says which and what it said.
class run_failed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Warms up, a run of each, then runs A B A B, each in a fresh folder that is removed when its
/// files have been summed. Throws `run_failed`, `interrupted`, `std::system_error`.
[[nodiscard]] result run_rounds(const plan& how);

}  // namespace amphi::compare
