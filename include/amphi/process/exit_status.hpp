// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>

#include <optional>
#include <string>

namespace amphi {

/// How a process has ended: by itself, with a code, or by a signal.
class exit_status {
public:
    /// By itself, with code 0.
    exit_status() noexcept = default;
    [[nodiscard]] static exit_status exited(int code) noexcept { return {code, 0, false}; }
    [[nodiscard]] static exit_status killed(int signal, bool core_dumped = false) noexcept {
        return {0, signal, core_dumped};
    }

    /// By itself, with code 0.
    [[nodiscard]] bool success() const noexcept { return code_ == 0 && signal_ == 0; }
    /// 0 to 255; nothing when a signal has ended it.
    [[nodiscard]] std::optional<int> code() const noexcept {
        return signal_ == 0 ? std::optional(code_) : std::nullopt;
    }
    /// Nothing when it has ended by itself.
    [[nodiscard]] std::optional<int> signal() const noexcept {
        return signal_ != 0 ? std::optional(signal_) : std::nullopt;
    }
    [[nodiscard]] bool core_dumped() const noexcept { return core_dumped_; }

    bool operator==(const exit_status&) const noexcept = default;

private:
    exit_status(int code, int signal, bool core_dumped) noexcept
        : code_(code)
        , signal_(signal)
        , core_dumped_(core_dumped) {}

    int code_ = 0;
    int signal_ = 0;
    bool core_dumped_ = false;
};

/// As `exit code 3` or `SIGSEGV (core dumped)`.
[[nodiscard]] AMPHI_EXPORT std::string to_string(const exit_status& status);

template <>
inline constexpr bool enable_sendable<exit_status> = true;

}  // namespace amphi
