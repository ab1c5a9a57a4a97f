// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/task/sendable.hpp>

#include <cstddef>
#include <cstdint>

#include <unistd.h>

namespace amphi {

namespace detail {

/// What splice(2) moves bytes through. Its calls do not wait for a socket; they return what they
/// have moved, or a negated errno.
class splice_pipe {
public:
    static constexpr std::size_t capacity = std::size_t{256} * 1024;

    /// Throws `std::system_error`.
    splice_pipe();

    /// Into the empty pipe.
    [[nodiscard]] ssize_t fill_from(int socket, std::size_t size_max) noexcept;
    [[nodiscard]] ssize_t drain_to_socket(int socket) noexcept;
    /// All of it. Blocks. Throws `std::system_error`.
    void drain_to_file(int file, std::uint64_t offset);

    /// How many bytes are inside.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

private:
    [[nodiscard]] ssize_t write_to_file(int file, std::uint64_t offset) noexcept;

    descriptor in_;
    descriptor out_;
    std::size_t held_ = 0;
};

}  // namespace detail

template <>
inline constexpr bool enable_sendable<detail::splice_pipe> = true;

}  // namespace amphi
