// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/unix_datagram.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/socket_ready.hpp>
#include <amphi/net/unix_address.hpp>
#include <amphi/task/task.hpp>

#include "datagram_calls.hpp"
#include "socket_file.hpp"
#include "transfer.hpp"
#include "unix_socket_address.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <sys/types.h>

namespace amphi {

namespace detail {

/// A datagram socket at an address that stays, so that its owner can move while it is watched.
class unix_datagram_core {
public:
    explicit unix_datagram_core(descriptor owned) noexcept : fd(std::move(owned)) {}

    [[noreturn]] void fail(int error, const std::string& operation) const {
        const net::unix_address peer = unix_address_of(fd.get(), ::getpeername);
        if (!peer.is_unnamed()) fail(error, operation, peer);
        const net::unix_address here = unix_address_of(fd.get(), ::getsockname);
        const std::string name =
            here.is_unnamed() ? "an unnamed Unix socket" : "the Unix socket at " + to_string(here);
        throw_system_error(error, operation.c_str(), name);
    }
    [[noreturn]] void
    fail(int error, const std::string& operation, const net::unix_address& with) const {
        throw_system_error(error, operation.c_str(), to_string(with));
    }

    descriptor fd;
    watch readiness;   // leaves the driver before the descriptor is closed
    socket_file file;  // removed before the socket is closed
};

}  // namespace detail

namespace net {

namespace {

using sent = detail::datagram_sent<detail::unix_socket_address>;
using received_from = detail::datagram_received_from<unix_address, detail::unix_socket_address>;

/// Waits until what has kept a datagram from being sent to `to` is over. The readiness of a socket
/// that is not connected there says nothing of the receiver's queue, so a connected one is asked.
task<> wait_for_room(detail::unix_datagram_core& from, const detail::unix_socket_address& to) {
    const bool has_room = detail::is_ready_now(from.fd.get(), detail::direction::write);
    if (!has_room) {
        detail::ready_operation ready(from.readiness, from.fd.get(), detail::direction::write);
        co_await ready;
        co_return;
    }
    const descriptor probe = detail::make_unix_socket(SOCK_DGRAM);
    const int refused = ::connect(probe.get(), to.get(), to.size());
    // Refused: the next try to send says why.
    if (refused == 0) co_await writable(probe.get());
}

}  // namespace

unix_datagram::unix_datagram(std::unique_ptr<detail::unix_datagram_core> core) noexcept
    : core_(std::move(core)) {}
unix_datagram::unix_datagram(unix_datagram&& other) noexcept = default;
unix_datagram& unix_datagram::operator=(unix_datagram&& other) noexcept = default;
unix_datagram::~unix_datagram() = default;

detail::unix_datagram_core& unix_datagram::core() const {
    if (!core_) detail::throw_system_error(EBADF, "use a Unix datagram socket that is closed");
    return *core_;
}

unix_datagram unix_datagram::bind(const unix_address& at) {
    unix_datagram made = unbound();
    made.core_->file.bind(made.core_->fd.get(), at, "bind a Unix datagram socket to");
    return made;
}

unix_datagram unix_datagram::unbound() {
    return unix_datagram(
        std::make_unique<detail::unix_datagram_core>(detail::make_unix_socket(SOCK_DGRAM))
    );
}

std::pair<unix_datagram, unix_datagram> unix_datagram::pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
        detail::throw_system_error(errno, "make a pair of Unix datagram sockets");
    descriptor first(ends[0]);
    descriptor second(ends[1]);
    return {
        unix_datagram(std::make_unique<detail::unix_datagram_core>(std::move(first))),
        unix_datagram(std::make_unique<detail::unix_datagram_core>(std::move(second)))
    };
}

void unix_datagram::connect(const unix_address& to) {
    const detail::unix_socket_address address(to);
    if (::connect(core().fd.get(), address.get(), address.size()) != 0)
        core().fail(errno, "connect a Unix datagram socket to", to);
}

task<> unix_datagram::send(std::span<const std::byte> datagram) {
    return detail::transfer(core(), sent(datagram));
}

task<> unix_datagram::send_to(std::span<const std::byte> datagram, unix_address to) {
    detail::unix_datagram_core& from = core();
    const detail::unix_socket_address address(to);
    const sent call(datagram, address);
    detail::checkpoint begun;
    co_await begun;
    for (;;) {
        const ssize_t count = call.now(from.fd.get());
        if (count >= 0) co_return;
        if (count == -EAGAIN)
            co_await wait_for_room(from, address);
        else if (count != -EINTR)
            call.fail(from, static_cast<int>(-count));
    }
}

task<std::size_t> unix_datagram::receive(std::span<std::byte> into) {
    return detail::transfer(core(), detail::datagram_received(into));
}

task<unix_datagram::received> unix_datagram::receive_from(std::span<std::byte> into) {
    return detail::transfer(core(), received_from(into));
}

detail::socket_ready unix_datagram::readable() {
    detail::unix_datagram_core& of = core();
    return {of.readiness, of.fd.get(), detail::direction::read};
}

detail::socket_ready unix_datagram::writable() {
    detail::unix_datagram_core& of = core();
    return {of.readiness, of.fd.get(), detail::direction::write};
}

unix_address unix_datagram::local_address() const {
    return detail::unix_address_of(core().fd.get(), ::getsockname);
}

unix_address unix_datagram::remote_address() const {
    return detail::unix_address_of(core().fd.get(), ::getpeername);
}

int unix_datagram::native_handle() const noexcept {
    return core_ ? core_->fd.get() : -1;
}

void unix_datagram::close() noexcept {
    core_.reset();
}

}  // namespace net
}  // namespace amphi
