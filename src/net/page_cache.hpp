// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace amphi::detail {

/// Whether reading that part of a file would not wait for a disk, as far as a look at its first and
/// its last byte tells. True also where the file system cannot tell.
[[nodiscard]] bool is_cached(int file, std::uint64_t offset, std::size_t size) noexcept;

/// Reads it, so that it is. Blocks.
void read_into_cache(int file, std::uint64_t offset, std::size_t size) noexcept;

}  // namespace amphi::detail
