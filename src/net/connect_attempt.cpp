// SPDX-License-Identifier: BSL-1.0
#include "connect_attempt.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>

#include "socket_address.hpp"
#include "tcp_socket.hpp"

#include <cerrno>
#include <memory>
#include <utility>

#include <sys/socket.h>

namespace amphi::detail {

namespace {

/// The outcome of a connect(2) that went on in the background: zero, an errno, or EINPROGRESS.
int connect_outcome(int fd) noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    if (error != 0) return error;
    socket_address peer;
    if (::getpeername(fd, peer.get(), &peer.size()) == 0) return 0;
    return errno == ENOTCONN ? EINPROGRESS : errno;
}

}  // namespace

connect_attempt::connect_attempt(const net::endpoint& to) {
    const socket_address address(to);
    descriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) throw_system_error(errno, "make a socket to connect to", to_string(to));
    socket_ = std::make_unique<tcp_socket>(std::move(fd), to);
    const bool done = ::connect(socket_->fd.get(), address.get(), address.size()) == 0;
    conclude(done ? 0 : errno);
}

int connect_attempt::look() noexcept {
    conclude(connect_outcome(socket_->fd.get()));
    return error_;
}

void connect_attempt::conclude(int error) noexcept {
    error_ = error == EINTR ? EINPROGRESS : error;
    // TCP lets a socket connect to itself when the system picks the very port that nobody listens
    // on.
    if (error == 0 && socket_->remote.port() != 0 &&
        endpoint_of(socket_->fd.get(), ::getsockname) == socket_->remote)
        error_ = ECONNREFUSED;
}

net::tcp_stream connect_attempt::take() {
    net::tcp_stream connected(std::move(socket_));
    connected.no_delay(true);
    return connected;
}

}  // namespace amphi::detail
