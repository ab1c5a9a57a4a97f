// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/tcp.hpp>

#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/task/task.hpp>

#include "connect_attempt.hpp"
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
    detail::connect_attempt attempt(to);
    detail::tcp_socket& socket = attempt.socket();
    while (attempt.error() == EINPROGRESS) {
        detail::ready_operation ready(socket.readiness, socket.fd.get(), detail::direction::write);
        co_await ready;
        attempt.look();
    }
    if (attempt.error() != 0) socket.fail(attempt.error(), "connect to");
    co_return attempt.take();
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
