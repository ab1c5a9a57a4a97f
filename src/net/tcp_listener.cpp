// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>

#include "socket_address.hpp"
#include "tcp_socket.hpp"

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace amphi::net {

namespace {

constexpr auto pause_without_descriptors = std::chrono::milliseconds(100);

void set_option(int fd, int level, int option, bool on, const endpoint& at) {
    const int value = on ? 1 : 0;
    if (::setsockopt(fd, level, option, &value, sizeof value) != 0)
        detail::throw_system_error(errno, "prepare to listen on", to_string(at));
}

descriptor open_reserve() noexcept {
    return descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/// accept(2) also reports what had happened to a connection that is gone by now.
bool concerns_one_connection(int error) noexcept {
    switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
        return true;
    default:
        return false;
    }
}

descriptor accept_on(int fd, detail::socket_address& peer) noexcept {
    peer.size() = sizeof(sockaddr_in6);
    return descriptor(::accept4(fd, peer.get(), &peer.size(), SOCK_NONBLOCK | SOCK_CLOEXEC));
}

/// Takes a connection with the reserved descriptor and closes it. Returns who it was from.
std::string turn_one_away(detail::tcp_acceptor& at) {
    at.reserve.reset();
    detail::socket_address peer;
    descriptor refused = accept_on(at.fd.get(), peer);
    if (!refused) return {};
    refused.reset();
    at.reserve = open_reserve();
    return " (refused " + to_string(peer.to_endpoint()) + ")";
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
    auto made = std::make_unique<detail::tcp_acceptor>(std::move(fd), local);
    made->reserve = open_reserve();
    return tcp_listener(std::move(made));
}

task<tcp_stream> tcp_listener::accept() {
    detail::tcp_acceptor& at = acceptor();
    detail::checkpoint begun;
    co_await begun;
    for (;;) {
        detail::socket_address peer;
        descriptor fd = accept_on(at.fd.get(), peer);
        const int error = fd ? 0 : errno;
        if (error == 0) {
            if (!at.reserve) at.reserve = open_reserve();
            co_return tcp_stream(
                std::make_unique<detail::tcp_socket>(std::move(fd), peer.to_endpoint())
            );
        }
        if (error == EAGAIN) {
            detail::ready_operation ready(at.readiness, at.fd.get(), detail::direction::read);
            co_await ready;
        } else if (!concerns_one_connection(error)) {
            std::string refused;
            if (error == EMFILE || error == ENFILE) refused = turn_one_away(at);
            // Nothing is short when the socket was shut down (EINVAL): whoever accepts again is
            // told again.
            if (refused.empty() && error != EINVAL) co_await sleep_for(pause_without_descriptors);
            detail::throw_system_error(
                error, "accept a connection on", to_string(at.local) + refused
            );
        }
    }
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
