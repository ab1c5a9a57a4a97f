// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/send_file.hpp>

#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/io/write_without_signal.hpp>
#include <amphi/task/task.hpp>

#include "page_cache.hpp"
#include "send_file.hpp"
#include "stream_socket.hpp"
#include "transfer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::detail {

namespace {

/// The most that is sent, and looked for in the page cache, at once.
constexpr std::uint64_t sent_at_once_max = std::uint64_t{256} * 1024;

/// A part of a file on its way into a socket.
class file_part {
public:
    static constexpr auto waits_for = direction::write;

    file_part(int file, std::uint64_t offset, std::size_t size) noexcept
        : file_(file)
        , offset_(offset)
        , size_(size) {}

    [[nodiscard]] ssize_t now(int to) const noexcept {
        const ssize_t count = send_by_system(to, file_, offset_, size_);
        const bool refused = count == -EINVAL || count == -ENOSYS;
        return refused ? send_by_copy(to, file_, offset_, size_) : count;
    }
    [[nodiscard]] std::uint64_t result(const stream_socket&, ssize_t count) const noexcept {
        return static_cast<std::uint64_t>(count);
    }
    void fail(const stream_socket& to, int error) const { to.fail(error, "send a file to"); }

private:
    int file_;
    std::uint64_t offset_;
    std::size_t size_;
};

}  // namespace

ssize_t send_by_system(int to, int file, std::uint64_t offset, std::size_t size) noexcept {
    auto from = static_cast<off_t>(offset);
    const auto call = [&]() noexcept { return ::sendfile(to, file, &from, size); };
    return call_without_signal(call);
}

ssize_t send_by_copy(int to, int file, std::uint64_t offset, std::size_t size) noexcept {
    std::array<std::byte, std::size_t{16} * 1024> buffer;
    const ssize_t read =
        ::pread(file, buffer.data(), std::min(size, buffer.size()), static_cast<off_t>(offset));
    if (read < 0) return -errno;
    if (read == 0) return 0;
    const ssize_t count =
        ::send(to, buffer.data(), static_cast<std::size_t>(read), MSG_NOSIGNAL | MSG_DONTWAIT);
    return count >= 0 ? count : -errno;
}

task<std::uint64_t>
send_file_some(stream_socket& to, int file, std::uint64_t offset, std::uint64_t count) {
    const auto size = static_cast<std::size_t>(std::min(count, sent_at_once_max));
    if (!is_cached(file, offset, size))
        co_await amphi::on(threads, read_into_cache, file, offset, size);
    co_return co_await transfer(to, file_part(file, offset, size));
}

task<std::uint64_t>
send_file(stream_socket& to, int file, std::uint64_t offset, std::uint64_t count) {
    std::uint64_t sent = 0;
    while (sent < count) {
        const std::uint64_t more = co_await send_file_some(to, file, offset + sent, count - sent);
        if (more == 0) break;
        sent += more;
    }
    co_return sent;
}

}  // namespace amphi::detail
