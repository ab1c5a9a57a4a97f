// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/task/sendable.hpp>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>

namespace amphi {

namespace detail {

/// The caller's buffer, lent to a plain thread while the caller waits.
template <class Byte>
class lent_buffer {
public:
    explicit lent_buffer(std::span<Byte> bytes) noexcept : bytes_(bytes) {}
    [[nodiscard]] std::span<Byte> get() const noexcept { return bytes_; }

private:
    std::span<Byte> bytes_;
};

/// Makes a system call again when a signal has interrupted it.
template <class Call>
auto uninterrupted(Call call) noexcept {
    for (;;) {
        const auto result = call();
        if (result >= 0 || errno != EINTR) return result;
    }
}

[[noreturn]] void throw_file_error(const char* operation, const std::filesystem::path& path);

// What follows blocks, and throws with the path in the message.

/// `fifo` and `character` for what the kernel can wait for; `regular` for all else, be it nothing.
[[nodiscard]] std::filesystem::file_type waited_for(const std::filesystem::path& path) noexcept;

[[nodiscard]] descriptor open_file(const std::filesystem::path& path, const fs::open_options& how);
[[nodiscard]] std::size_t
read_file(int fd, const std::filesystem::path& path, std::span<std::byte> into);
[[nodiscard]] std::size_t
write_file(int fd, const std::filesystem::path& path, std::span<const std::byte> from);
void close_file(descriptor fd, const std::filesystem::path& path);

}  // namespace detail

template <class Byte>
inline constexpr bool enable_sendable<detail::lent_buffer<Byte>> = true;

}  // namespace amphi
