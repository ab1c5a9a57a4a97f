// SPDX-License-Identifier: BSL-1.0
#include "splice_pipe.hpp"

#include <amphi/base/error.hpp>
#include <amphi/io/write_without_signal.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::detail {

splice_pipe::splice_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        throw_system_error(errno, "make a pipe to splice through");
    out_.reset(ends[0]);
    in_.reset(ends[1]);
    // Refused to a user who has many pipes: then it has 64 KB, or 4.
    (void)::fcntl(in_.get(), F_SETPIPE_SZ, static_cast<int>(capacity));
}

ssize_t splice_pipe::fill_from(int socket, std::size_t size_max) noexcept {
    const ssize_t count = ::splice(
        socket,
        nullptr,
        in_.get(),
        nullptr,
        std::min(size_max, capacity),
        SPLICE_F_MOVE | SPLICE_F_NONBLOCK
    );
    if (count < 0) return -errno;
    held_ += static_cast<std::size_t>(count);
    return count;
}

ssize_t splice_pipe::drain_to_socket(int socket) noexcept {
    const auto call = [&]() noexcept {
        return ::splice(
            out_.get(), nullptr, socket, nullptr, held_, SPLICE_F_MOVE | SPLICE_F_NONBLOCK
        );
    };
    const ssize_t count = call_without_signal(call);
    if (count > 0) held_ -= static_cast<std::size_t>(count);
    return count;
}

void splice_pipe::drain_to_file(int file, std::uint64_t offset) {
    bool refused = false;
    while (held_ > 0) {
        auto to = static_cast<loff_t>(offset);
        ssize_t count = 0;
        if (!refused) {
            count = ::splice(out_.get(), nullptr, file, &to, held_, SPLICE_F_MOVE);
            if (count < 0) count = -errno;
            // Not for this file or its file system, or not to an offset (O_APPEND).
            refused = count == -EINVAL || count == -ENOSYS;
            if (refused) continue;
        } else {
            count = write_to_file(file, offset);
        }
        if (count == -EINTR) continue;
        if (count <= 0)
            throw_system_error(count == 0 ? EIO : static_cast<int>(-count), "write to a file");
        held_ -= static_cast<std::size_t>(count);
        offset += static_cast<std::uint64_t>(count);
    }
}

ssize_t splice_pipe::write_to_file(int file, std::uint64_t offset) noexcept {
    std::array<std::byte, std::size_t{16} * 1024> buffer;
    const ssize_t read = ::read(out_.get(), buffer.data(), std::min(held_, buffer.size()));
    if (read < 0) return -errno;
    for (ssize_t done = 0; done < read;) {
        const ssize_t count = ::pwrite(
            file,
            buffer.data() + done,
            static_cast<std::size_t>(read - done),
            static_cast<off_t>(offset) + done
        );
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -errno;
        done += count;
    }
    return read;
}

}  // namespace amphi::detail
