// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <sys/types.h>

namespace amphi::detail {

// What one call sends of a file, or a negated errno. Neither waits for the socket, nor raises
// SIGPIPE.

[[nodiscard]] ssize_t
send_by_system(int to, int file, std::uint64_t offset, std::size_t size) noexcept;
/// For files that the kernel cannot send from: through a buffer.
[[nodiscard]] ssize_t
send_by_copy(int to, int file, std::uint64_t offset, std::size_t size) noexcept;

}  // namespace amphi::detail
