// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstddef>
#include <span>

namespace amphi::detail {

/// write(2) to a descriptor that may be a pipe. That nobody reads any more is EPIPE, never a
/// SIGPIPE, whatever the program does with that signal. How much was written, or a negated errno.
[[nodiscard]] AMPHI_EXPORT std::ptrdiff_t
write_without_signal(int fd, std::span<const std::byte> from) noexcept;

/// Makes a system call, `call(what)`, while SIGPIPE is held back: what it returns, or a negated
/// errno. For calls that have no flag for that.
[[nodiscard]] AMPHI_EXPORT std::ptrdiff_t
call_without_signal(std::ptrdiff_t (*call)(void* what), void* what) noexcept;

template <class Call>
[[nodiscard]] std::ptrdiff_t call_without_signal(Call& call) noexcept {
    const auto make = [](void* what) -> std::ptrdiff_t { return (*static_cast<Call*>(what))(); };
    return call_without_signal(make, const_cast<void*>(static_cast<const void*>(&call)));
}

/// `write_without_signal` for kernels before 6.18, in three system calls.
[[nodiscard]] AMPHI_EXPORT std::ptrdiff_t
write_with_signal_blocked(int fd, std::span<const std::byte> from) noexcept;

}  // namespace amphi::detail
