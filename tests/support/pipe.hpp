// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::testing {

/// The end of a pipe to read from: a stream, as a user would make one from a foreign descriptor.
class pipe_reader {
public:
    explicit pipe_reader(descriptor fd) noexcept : fd_(std::move(fd)) {}

    task<std::size_t> read_some(std::span<std::byte> into) {
        for (;;) {
            const ssize_t count = ::read(fd_.get(), into.data(), into.size());
            if (count >= 0) co_return static_cast<std::size_t>(count);
            if (errno != EAGAIN) detail::throw_system_error(errno, "read from a pipe");
            co_await readable(fd_.get());
        }
    }
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

private:
    descriptor fd_;
};

class pipe_writer {
public:
    explicit pipe_writer(descriptor fd) noexcept : fd_(std::move(fd)) {}

    task<std::size_t> write_some(std::span<const std::byte> from) {
        for (;;) {
            const ssize_t count = ::write(fd_.get(), from.data(), from.size());
            if (count >= 0) co_return static_cast<std::size_t>(count);
            if (errno != EAGAIN) detail::throw_system_error(errno, "write to a pipe");
            co_await writable(fd_.get());
        }
    }
    /// For what surely fits.
    void write_now(std::string_view text) const {
        if (::write(fd_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            detail::throw_system_error(errno, "write to a pipe");
    }
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    void close() noexcept { fd_.reset(); }

private:
    descriptor fd_;
};

class pipe_ends {
public:
    pipe_ends() : pipe_ends(make()) {}

    pipe_reader reader;
    pipe_writer writer;

private:
    explicit pipe_ends(std::array<int, 2> fds)
        : reader(descriptor(fds[0]))
        , writer(descriptor(fds[1])) {}

    static std::array<int, 2> make() {
        std::array<int, 2> fds{};
        if (::pipe2(fds.data(), O_CLOEXEC | O_NONBLOCK) != 0)
            detail::throw_system_error(errno, "make a pipe");
        return fds;
    }
};

}  // namespace amphi::testing

namespace amphi {

template <>
inline constexpr bool enable_sendable<testing::pipe_reader> = true;
template <>
inline constexpr bool enable_sendable<testing::pipe_writer> = true;

}  // namespace amphi
