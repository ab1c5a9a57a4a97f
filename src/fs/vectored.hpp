// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/fs/file.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace amphi::detail {

/// The first that is not empty; empty when none is.
template <class Byte>
[[nodiscard]] std::span<Byte> first_of(std::span<const std::span<Byte>> buffers) noexcept {
    for (const std::span<Byte> buffer : buffers)
        if (!buffer.empty()) return buffer;
    return {};
}

// What follows blocks, and throws with the path in the message.

/// One system call at the file's own place.
[[nodiscard]] std::size_t read_vector(int fd, const std::filesystem::path& path, fs::buffers into);
[[nodiscard]] std::size_t
write_vector(int fd, const std::filesystem::path& path, fs::const_buffers from);

/// As many system calls as it takes, for all that fits, or up to the file's end.
[[nodiscard]] std::size_t
read_vector_at(int fd, const std::filesystem::path& path, std::uint64_t offset, fs::buffers into);
/// As many system calls as it takes, for everything.
void write_vector_at(
    int fd, const std::filesystem::path& path, std::uint64_t offset, fs::const_buffers from
);

}  // namespace amphi::detail
