// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include <string_view>

namespace amphi::fetch {

/// SIGINT, SIGTERM and SIGHUP as something to wait for, instead of the end of the process. Those
/// that the process was started to ignore (nohup) stay ignored.
///
/// Make it before the first thread starts: threads inherit what it blocks. One at a time in a
/// process; it lasts to the process's end.
class interrupt {
public:
    interrupt();

    /// Becomes readable when a signal has come; at most once.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// After that: takes the signal. From now on a further one, or `grace_ms` without an end, ends
    /// the process on the spot with the exit code of the first.
    void take() noexcept;

    /// The signal that was taken, or zero.
    [[nodiscard]] int signal() const noexcept { return signal_; }
    [[nodiscard]] std::string_view name() const noexcept;

private:
    descriptor fd_;
    int signal_ = 0;
};

/// What a shell expects of a process that a signal has ended.
[[nodiscard]] constexpr int exit_code_of(int signal) noexcept {
    return 128 + signal;
}

}  // namespace amphi::fetch
