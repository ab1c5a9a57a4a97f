// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>

#include "socket_address.hpp"
#include "tcp_socket.hpp"

#include <cerrno>
#include <memory>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace amphi::net {

namespace {

void set_option(int fd, int level, int option, bool on, const endpoint& at) {
    const int value = on ? 1 : 0;
    if (::setsockopt(fd, level, option, &value, sizeof value) != 0)
        detail::throw_system_error(errno, "prepare to listen on", to_string(at));
}

}  // namespace

tcp_listener::tcp_listener(std::unique_ptr<detail::tcp_acceptor> acceptor) noexcept
    : acceptor_(std::move(acceptor)) {}
tcp_listener::tcp_listener(tcp_listener&& other) noexcept = default;
tcp_listener& tcp_listener::operator=(tcp_listener&& other) noexcept = default;
tcp_listener::~tcp_listener() = default;

detail::tcp_acceptor& tcp_listener::acceptor() const {
    if (!acceptor_) detail::throw_system_error(EBADF, "use a TCP listener that is closed");
    return *acceptor_;
}

tcp_listener tcp_listener::bind(const endpoint& at, const listen_options& how) {
    const detail::socket_address address(at);
    descriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) detail::throw_system_error(errno, "make a socket to listen on", to_string(at));
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, how.reuse_address(), at);
    set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, how.reuse_port(), at);
    // What it accepts inherits this.
    set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, true, at);
    if (::bind(fd.get(), address.get(), address.size()) != 0 ||
        ::listen(fd.get(), how.backlog()) != 0)
        detail::throw_system_error(errno, "listen on", to_string(at));
    const endpoint local = detail::endpoint_of(fd.get(), ::getsockname);
    return tcp_listener(std::make_unique<detail::tcp_acceptor>(std::move(fd), local));
}

task<tcp_stream> tcp_listener::accept() {
    detail::socket_address peer;
    descriptor fd = co_await acceptor().accept(peer.get(), peer.size());
    co_return tcp_stream(std::make_unique<detail::tcp_socket>(std::move(fd), peer.to_address()));
}

endpoint tcp_listener::local_endpoint() const {
    return acceptor().local;
}

int tcp_listener::native_handle() const noexcept {
    return acceptor_ ? acceptor_->fd.get() : -1;
}

void tcp_listener::close() noexcept {
    acceptor_.reset();
}

}  // namespace amphi::net
