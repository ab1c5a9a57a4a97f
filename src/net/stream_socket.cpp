// SPDX-License-Identifier: BSL-1.0
#include "stream_socket.hpp"

#include <amphi/async/ring_send.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/task.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace amphi::detail {

namespace {

iovec vector_of(std::span<const std::byte> bytes) noexcept {
    return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

/// What the system takes of the two, one behind the other, or a negated errno.
ssize_t
send_now(int fd, std::span<const std::byte> first, std::span<const std::byte> second) noexcept {
    ssize_t count = 0;
    if (second.empty()) {
        count = ::send(fd, first.data(), first.size(), MSG_NOSIGNAL);
    } else {
        std::array<iovec, 2> parts{vector_of(first), vector_of(second)};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        count = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    }
    return count >= 0 ? count : -errno;
}

}  // namespace

task<std::size_t> stream_socket::read_some(std::span<std::byte> into) {
    for (;;) {
        if (drained) {
            ready_operation ready(readiness, fd.get(), direction::read);
            co_await ready;
            drained = false;
        } else {
            checkpoint passed;
            co_await passed;
        }
        const ssize_t count = ::recv(fd.get(), into.data(), into.size(), 0);
        if (count >= 0) {
            const auto size = static_cast<std::size_t>(count);
            drained = short_read_ == short_read::drained && size > 0 && size < into.size() &&
                      !readiness.ended();
            co_return size;
        }
        drained = errno == EAGAIN;
        if (!drained && errno != EINTR) fail(errno, "read from");
    }
}

task<std::size_t>
stream_socket::write_some(std::span<const std::byte> first, std::span<const std::byte> second) {
    checkpoint begun;
    co_await begun;
    for (;;) {
        ring_send sent(fd.get(), first);
        ssize_t count = 0;
        if (second.empty() && sent.begin())
            count = co_await sent;
        else
            count = send_now(fd.get(), first, second);
        if (count >= 0) co_return static_cast<std::size_t>(count);
        if (count == -EINTR) continue;
        if (count != -EAGAIN) fail(static_cast<int>(-count), "write to");
        ready_operation ready(readiness, fd.get(), direction::write);
        co_await ready;
    }
}

task<> stream_socket::write_all(std::span<const std::byte> from) {
    while (!from.empty()) {
        checkpoint begun;
        co_await begun;
        ring_send sent(fd.get(), from);
        ssize_t count = 0;
        if (sent.begin())
            count = co_await sent;
        else
            count = send_now(fd.get(), from, {});
        if (count >= 0) {
            from = from.subspan(static_cast<std::size_t>(count));
        } else if (count == -EAGAIN) {
            ready_operation ready(readiness, fd.get(), direction::write);
            co_await ready;
        } else if (count != -EINTR) {
            fail(static_cast<int>(-count), "write to");
        }
    }
}

void stream_socket::shutdown_write() const {
    // A peer that is gone already has seen the end.
    if (::shutdown(fd.get(), SHUT_WR) != 0 && errno != ENOTCONN)
        fail(errno, "shut down the connection to");
}

}  // namespace amphi::detail
