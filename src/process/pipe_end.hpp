// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/io/watch.hpp>

#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

#include <unistd.h>

namespace amphi::detail {

/// Either end of a pipe at an address that stays, so that its owner can move while it is watched.
class pipe_end {
public:
    explicit pipe_end(descriptor owned) noexcept : fd(std::move(owned)) {}

    descriptor fd;
    watch readiness;  // leaves the driver before the descriptor is closed
};

/// Reads without waiting: how much, or a negated errno.
[[nodiscard]] inline std::ptrdiff_t read_now(int fd, std::span<std::byte> into) noexcept {
    for (;;) {
        const std::ptrdiff_t count = ::read(fd, into.data(), into.size());
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

/// Sets or clears O_NONBLOCK. False, and errno, when that cannot be done.
[[nodiscard]] bool set_blocking(int fd, bool blocking) noexcept;

}  // namespace amphi::detail
