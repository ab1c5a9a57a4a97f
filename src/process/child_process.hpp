// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/io/watch.hpp>
#include <amphi/process/exit_status.hpp>
#include <amphi/process/pipe.hpp>

#include "launch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace amphi::detail {

/// A child process at an address that stays, so that its owner can move while it is watched.
class child_process {
public:
    /// Before it is started: what comes after that does not fail.
    explicit child_process(std::string name);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    /// Asks the kernel, without waiting, whether it has ended.
    [[nodiscard]] const std::optional<exit_status>& ask();
    void send(int signal) const;
    void let_run_on() noexcept;

    std::string program;
    launched own;
    /// Leaves the driver before the pidfd is closed or given away.
    std::optional<watch> readiness{std::in_place};
    std::optional<pipe_writer> input;
    std::optional<pipe_reader> output;
    std::optional<pipe_reader> error;

private:
    [[nodiscard]] bool is_ours() const noexcept;

    std::optional<exit_status> status_;
    std::uint32_t fork_;  // a fork has no children of its parent's
    bool is_waited_for_ = true;
};

}  // namespace amphi::detail
