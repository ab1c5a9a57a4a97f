// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace amphi::cli {

/// What a process has used from its start to its end.
class usage {
public:
    int exit_code = 0;  ///< 128 and the signal, when one ended it
    std::chrono::nanoseconds wall{0};
    std::chrono::nanoseconds cpu{0};  ///< in its own code and in the kernel
    std::uint64_t memory_bytes = 0;   ///< the most that was resident at once
    std::uint64_t switches = 0;       ///< context switches of all its threads
    unsigned threads = 0;             ///< the most that were seen at once, looking every 5 ms
};

/// Thrown out of a wait when `stop` became readable.
class interrupted : public std::exception {
public:
    [[nodiscard]] const char* what() const noexcept override;
};

/// A process that this one has started. It does not outlive this object, nor this process.
///
/// Threads: this process must have one thread when it starts another; the waiting is its own.
class child {
public:
    /// Runs `body` in a copy of this process, which ends with its result. Throws
    /// `std::system_error` when there can be no further process.
    static child run(const std::function<int()>& body);

    /// Runs a program, in the place of such a copy. `output`, when given, is its standard output.
    static child exec(const std::vector<std::string>& arguments, const descriptor& output = {});

    child(child&& other) noexcept;
    child& operator=(child&&) = delete;
    ~child();

    /// Waits for its end; kills it at the deadline. Throws `interrupted` when `stop`, a descriptor
    /// or -1, becomes readable first.
    [[nodiscard]] usage wait(time_point deadline, int stop);

    /// Asks it to end, as a user would.
    void request_stop() const noexcept;

private:
    child(int pid, time_point started);

    int pid_;
    descriptor process_;
    time_point started_;
};

}  // namespace amphi::cli
