// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/tcp.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/task/task.hpp>

#include "socket_address.hpp"
#include "tcp_socket.hpp"

#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace amphi::net {

namespace {

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
    if (!fd) detail::throw_system_error(errno, "make a socket to connect to", to_string(to));
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
    if (error != 0) socket.fail(error, "connect to");
    connected.no_delay(true);
    co_return connected;
}

task<std::size_t> tcp_stream::read_some(std::span<std::byte> into) {
    return socket().read_some(into);
}

task<std::size_t> tcp_stream::write_some(std::span<const std::byte> from) {
    return socket().write_some(from, {});
}

task<std::size_t>
tcp_stream::write_some(std::span<const std::byte> first, std::span<const std::byte> second) {
    return socket().write_some(first, second);
}

task<> tcp_stream::write_all(std::span<const std::byte> from) {
    return socket().write_all(from);
}

void tcp_stream::shutdown_write() {
    socket().shutdown_write();
}

void tcp_stream::no_delay(bool on) {
    const detail::tcp_socket& of = socket();
    const int value = on ? 1 : 0;
    if (::setsockopt(of.fd.get(), IPPROTO_TCP, TCP_NODELAY, &value, sizeof value) != 0)
        of.fail(errno, "set TCP_NODELAY of the connection to");
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
