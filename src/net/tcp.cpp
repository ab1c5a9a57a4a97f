// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/tcp.hpp>

#include <amphi/async/ring_send.hpp>
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/task/task.hpp>

#include "socket_address.hpp"
#include "tcp_socket.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::net {

namespace {

[[noreturn]] void throw_failed(int error, const char* operation, const endpoint& peer) {
    detail::throw_system_error(error, operation, to_string(peer));
}

/// The outcome of a connect(2) that went on in the background: zero, an errno, or EINPROGRESS.
int connect_outcome(int fd) noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    if (error != 0) return error;
    detail::socket_address peer;
    if (::getpeername(fd, peer.get(), &peer.size()) == 0) return 0;
    return errno == ENOTCONN ? EINPROGRESS : errno;
}

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

tcp_stream::tcp_stream(std::unique_ptr<detail::tcp_socket> socket) noexcept
    : socket_(std::move(socket)) {}
tcp_stream::tcp_stream(tcp_stream&& other) noexcept = default;
tcp_stream& tcp_stream::operator=(tcp_stream&& other) noexcept = default;
tcp_stream::~tcp_stream() = default;

detail::tcp_socket& tcp_stream::socket() const {
    if (!socket_) detail::throw_system_error(EBADF, "use a TCP stream that is closed");
    return *socket_;
}

task<tcp_stream> tcp_stream::connect(endpoint to) {
    detail::checkpoint begun;
    co_await begun;
    const detail::socket_address address(to);
    descriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) throw_failed(errno, "make a socket to connect to", to);
    tcp_stream connected(std::make_unique<detail::tcp_socket>(std::move(fd), to));
    detail::tcp_socket& socket = *connected.socket_;

    int error = ::connect(socket.fd.get(), address.get(), address.size()) == 0 ? 0 : errno;
    while (error == EINPROGRESS || error == EINTR) {
        detail::ready_operation ready(socket.readiness, socket.fd.get(), detail::direction::write);
        co_await ready;
        error = connect_outcome(socket.fd.get());
    }
    // TCP lets a socket connect to itself when the system picks the very port that nobody listens
    // on.
    if (error == 0 && to.port() != 0 && connected.local_endpoint() == to) error = ECONNREFUSED;
    if (error != 0) throw_failed(error, "connect to", to);
    connected.no_delay(true);
    co_return connected;
}

task<std::size_t> tcp_stream::read_some(std::span<std::byte> into) {
    detail::tcp_socket& from = socket();
    for (;;) {
        if (from.drained) {
            detail::ready_operation ready(from.readiness, from.fd.get(), detail::direction::read);
            co_await ready;
            from.drained = false;
        } else {
            detail::checkpoint passed;
            co_await passed;
        }
        const ssize_t count = ::recv(from.fd.get(), into.data(), into.size(), 0);
        if (count >= 0) {
            const auto size = static_cast<std::size_t>(count);
            from.drained = size > 0 && size < into.size() && !from.readiness.ended();
            co_return size;
        }
        from.drained = errno == EAGAIN;
        if (!from.drained && errno != EINTR) throw_failed(errno, "read from", from.remote);
    }
}

task<std::size_t> tcp_stream::write_some(std::span<const std::byte> from) {
    return write_some(from, {});
}

task<std::size_t>
tcp_stream::write_some(std::span<const std::byte> first, std::span<const std::byte> second) {
    detail::tcp_socket& to = socket();
    detail::checkpoint begun;
    co_await begun;
    for (;;) {
        detail::ring_send sent(to.fd.get(), first);
        ssize_t count = 0;
        if (second.empty() && sent.begin())
            count = co_await sent;
        else
            count = send_now(to.fd.get(), first, second);
        if (count >= 0) co_return static_cast<std::size_t>(count);
        if (count == -EINTR) continue;
        if (count != -EAGAIN) throw_failed(static_cast<int>(-count), "write to", to.remote);
        detail::ready_operation ready(to.readiness, to.fd.get(), detail::direction::write);
        co_await ready;
    }
}

task<> tcp_stream::write_all(std::span<const std::byte> from) {
    detail::tcp_socket& to = socket();
    while (!from.empty()) {
        detail::checkpoint begun;
        co_await begun;
        detail::ring_send sent(to.fd.get(), from);
        ssize_t count = 0;
        if (sent.begin())
            count = co_await sent;
        else
            count = send_now(to.fd.get(), from, {});
        if (count >= 0) {
            from = from.subspan(static_cast<std::size_t>(count));
        } else if (count == -EAGAIN) {
            detail::ready_operation ready(to.readiness, to.fd.get(), detail::direction::write);
            co_await ready;
        } else if (count != -EINTR) {
            throw_failed(static_cast<int>(-count), "write to", to.remote);
        }
    }
}

void tcp_stream::shutdown_write() {
    const detail::tcp_socket& of = socket();
    // A peer that is gone already has seen the end.
    if (::shutdown(of.fd.get(), SHUT_WR) != 0 && errno != ENOTCONN)
        throw_failed(errno, "shut down the connection to", of.remote);
}

void tcp_stream::no_delay(bool on) {
    const detail::tcp_socket& of = socket();
    const int value = on ? 1 : 0;
    if (::setsockopt(of.fd.get(), IPPROTO_TCP, TCP_NODELAY, &value, sizeof value) != 0)
        throw_failed(errno, "set TCP_NODELAY of the connection to", of.remote);
}

endpoint tcp_stream::local_endpoint() const {
    return detail::endpoint_of(socket().fd.get(), ::getsockname);
}

endpoint tcp_stream::remote_endpoint() const {
    return socket().remote;
}

int tcp_stream::native_handle() const noexcept {
    return socket_ ? socket_->fd.get() : -1;
}

void tcp_stream::close() noexcept {
    socket_.reset();
}

}  // namespace amphi::net
