// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace amphi::compare {

/// What is measured of a run.
enum class figure : unsigned char {
    wall,         ///< seconds
    user,         ///< seconds of CPU in its own code
    system,       ///< seconds of CPU in the kernel
    cpu,          ///< both
    memory,       ///< bytes: the most that was resident at once, of its largest process
    threads,      ///< the most that were seen at once
    voluntary,    ///< context switches, to wait
    involuntary,  ///< context switches, by the kernel's choice
    read_bytes,   ///< by read(2) and its like, from anywhere; not by recv(2)
    write_bytes,
    calls,  ///< of read(2), write(2) and their like
};
inline constexpr std::size_t figure_count = 11;

/// How a figure is called and printed.
class figure_kind {
public:
    enum class unit : unsigned char { seconds, bytes, number };

    const char* name;   ///< for people
    const char* field;  ///< for machines
    unit in;
};

[[nodiscard]] const figure_kind& kind_of(figure what) noexcept;
[[nodiscard]] std::string printed(figure what, double value);

/// One run; what could not be counted is none.
using run_figures = std::array<std::optional<double>, figure_count>;

/// One of the two that are compared.
class side {
public:
    std::string name;     ///< "threads", "async", "A", "B"
    std::string command;  ///< as a person would type it
    std::vector<run_figures> runs;

    /// The figure of each run; empty when it is missing in one of them.
    [[nodiscard]] std::vector<double> values(figure what) const;
};

}  // namespace amphi::compare
