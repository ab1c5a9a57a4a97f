// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/udp.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/socket_ready.hpp>
#include <amphi/task/task.hpp>

#include "datagram_calls.hpp"
#include "socket_address.hpp"
#include "transfer.hpp"
#include "udp_core.hpp"

#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>

namespace amphi::net {

namespace {

using sent = detail::datagram_sent<detail::socket_address>;
using received_from = detail::datagram_received_from<endpoint, detail::socket_address>;

class many_sent {
public:
    static constexpr auto waits_for = detail::direction::write;

    explicit many_sent(std::span<const outgoing_datagram> from) noexcept : from_(from) {}

    [[nodiscard]] ssize_t now(int fd) const noexcept {
        return detail::udp_core::send_now(fd, from_);
    }
    [[nodiscard]] std::size_t result(const detail::udp_core&, ssize_t count) const noexcept {
        return static_cast<std::size_t>(count);
    }
    [[noreturn]] void fail(const detail::udp_core& with, int error) const {
        const outgoing_datagram& first = from_.front();
        const std::string what = detail::sending(first.bytes().size());
        if (first.to()) with.fail(error, what, *first.to());
        with.fail(error, what);
    }

private:
    std::span<const outgoing_datagram> from_;
};

class many_received {
public:
    static constexpr auto waits_for = detail::direction::read;

    explicit many_received(std::span<incoming_datagram> into) noexcept : into_(into) {}

    [[nodiscard]] ssize_t now(int fd) const noexcept {
        return detail::udp_core::receive_now(fd, into_);
    }
    [[nodiscard]] std::size_t result(const detail::udp_core&, ssize_t count) const noexcept {
        return static_cast<std::size_t>(count);
    }
    [[noreturn]] void fail(const detail::udp_core& at, int error) const {
        at.fail(error, "receive from");
    }

private:
    std::span<incoming_datagram> into_;
};

std::unique_ptr<detail::udp_core> open_for(const endpoint& with) {
    const int family = with.is_ipv6() ? AF_INET6 : AF_INET;
    descriptor fd(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) detail::throw_system_error(errno, "make a UDP socket for", to_string(with));
    return std::make_unique<detail::udp_core>(std::move(fd), with.is_ipv6());
}

void connect_core(const detail::udp_core& core, const endpoint& to) {
    const detail::socket_address address(to);
    if (::connect(core.fd.get(), address.get(), address.size()) != 0)
        core.fail(errno, "connect a UDP socket to", to);
}

}  // namespace

udp_socket::udp_socket(std::unique_ptr<detail::udp_core> core) noexcept : core_(std::move(core)) {}
udp_socket::udp_socket(udp_socket&& other) noexcept = default;
udp_socket& udp_socket::operator=(udp_socket&& other) noexcept = default;
udp_socket::~udp_socket() = default;

detail::udp_core& udp_socket::core() const {
    if (!core_) detail::throw_system_error(EBADF, "use a UDP socket that is closed");
    return *core_;
}

udp_socket udp_socket::bind(const endpoint& at, const udp_options& how) {
    auto made = open_for(at);
    const int yes = 1;
    if (how.reuse_address()) made->set(SOL_SOCKET, SO_REUSEADDR, yes, "SO_REUSEADDR");
    if (how.reuse_port()) made->set(SOL_SOCKET, SO_REUSEPORT, yes, "SO_REUSEPORT");
    if (how.only_ipv6()) made->set(IPPROTO_IPV6, IPV6_V6ONLY, yes, "IPV6_V6ONLY");
    const detail::socket_address address(at);
    if (::bind(made->fd.get(), address.get(), address.size()) != 0)
        made->fail(errno, "bind a UDP socket to", at);
    return udp_socket(std::move(made));
}

udp_socket udp_socket::connected_to(const endpoint& to) {
    auto made = open_for(to);
    connect_core(*made, to);
    return udp_socket(std::move(made));
}

void udp_socket::connect(const endpoint& to) {
    connect_core(core(), to);
}

task<> udp_socket::send(std::span<const std::byte> datagram) {
    return detail::transfer(core(), sent(datagram));
}

task<> udp_socket::send_to(std::span<const std::byte> datagram, endpoint to) {
    return detail::transfer(core(), sent(datagram, detail::socket_address(to)));
}

task<std::size_t> udp_socket::receive(std::span<std::byte> into) {
    return detail::transfer(core(), detail::datagram_received(into));
}

task<udp_socket::received> udp_socket::receive_from(std::span<std::byte> into) {
    return detail::transfer(core(), received_from(into));
}

task<std::size_t> udp_socket::send_many(std::span<const outgoing_datagram> from) {
    return detail::transfer(core(), many_sent(from));
}

task<std::size_t> udp_socket::receive_many(std::span<incoming_datagram> into) {
    return detail::transfer(core(), many_received(into));
}

detail::socket_ready udp_socket::readable() {
    detail::udp_core& of = core();
    return {of.readiness, of.fd.get(), detail::direction::read};
}

detail::socket_ready udp_socket::writable() {
    detail::udp_core& of = core();
    return {of.readiness, of.fd.get(), detail::direction::write};
}

endpoint udp_socket::local_endpoint() const {
    return detail::endpoint_of(core().fd.get(), ::getsockname);
}

std::optional<endpoint> udp_socket::remote_endpoint() const {
    return core().peer();
}

int udp_socket::native_handle() const noexcept {
    return core_ ? core_->fd.get() : -1;
}

void udp_socket::close() noexcept {
    core_.reset();
}

}  // namespace amphi::net
