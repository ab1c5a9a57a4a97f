// SPDX-License-Identifier: BSL-1.0
#include "udp_core.hpp"

#include <amphi/base/error.hpp>
#include <amphi/net/datagram.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/udp.hpp>

#include "socket_address.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace amphi::detail {

namespace {

constexpr std::size_t many_max = net::udp_socket::many_max;

/// The arguments of one call for many datagrams, 7 KB: on the stack of the call, in no frame. Only
/// those in use are written.
class many_messages {
public:
    void add(std::byte* data, std::size_t size, socket_address* address) noexcept {
        parts_[count_] = {data, size};
        mmsghdr& message = messages_[count_];
        message = {};
        message.msg_hdr.msg_iov = &parts_[count_];
        message.msg_hdr.msg_iovlen = 1;
        if (address != nullptr) {
            message.msg_hdr.msg_name = address->get();
            message.msg_hdr.msg_namelen = address->size();
        }
        ++count_;
    }

    [[nodiscard]] mmsghdr* data() noexcept { return messages_.data(); }
    [[nodiscard]] unsigned count() const noexcept { return static_cast<unsigned>(count_); }
    [[nodiscard]] const mmsghdr& operator[](std::size_t index) const noexcept {
        return messages_[index];
    }

private:
    std::size_t count_ = 0;
    std::array<mmsghdr, many_max> messages_;
    std::array<iovec, many_max> parts_;
};

}  // namespace

std::optional<net::endpoint> udp_core::peer() const noexcept {
    socket_address address;
    if (::getpeername(fd.get(), address.get(), &address.size()) != 0) return std::nullopt;
    return address.to_address();
}

void udp_core::fail(int error, const std::string& operation) const {
    const auto connected = peer();
    const std::string here = "the UDP socket at " + to_string(endpoint_of(fd.get(), ::getsockname));
    throw_system_error(error, operation.c_str(), connected ? to_string(*connected) : here);
}

void udp_core::fail(int error, const std::string& operation, const net::endpoint& with) const {
    throw_system_error(error, operation.c_str(), to_string(with));
}

void udp_core::set_bytes(
    int level, int option, const void* value, std::size_t size, const char* name
) const {
    if (::setsockopt(fd.get(), level, option, value, static_cast<socklen_t>(size)) == 0) return;
    const int error = errno;
    throw_system_error(
        error,
        (std::string("set ") + name + " of the UDP socket at").c_str(),
        to_string(endpoint_of(fd.get(), ::getsockname))
    );
}

std::size_t udp_core::buffer(int option, const char* name) const {
    int size = 0;
    socklen_t room = sizeof size;
    if (::getsockopt(fd.get(), SOL_SOCKET, option, &size, &room) != 0)
        fail(errno, std::string("ask for ") + name + " of");
    return static_cast<std::size_t>(size);
}

void udp_core::set_buffer(int option, std::size_t size, const char* name) const {
    const int value = static_cast<int>(std::min<std::size_t>(size, INT_MAX));
    set(SOL_SOCKET, option, value, name);
}

ssize_t udp_core::send_now(int fd, std::span<const net::outgoing_datagram> from) noexcept {
    std::array<socket_address, many_max> addresses;
    many_messages messages;
    const std::size_t count = std::min(from.size(), many_max);
    for (std::size_t i = 0; i < count; ++i) {
        const net::outgoing_datagram& each = from[i];
        if (each.to()) addresses[i] = socket_address(*each.to());
        messages.add(
            const_cast<std::byte*>(each.bytes().data()),
            each.bytes().size(),
            each.to() ? &addresses[i] : nullptr
        );
    }
    const int sent = ::sendmmsg(fd, messages.data(), messages.count(), MSG_NOSIGNAL);
    return sent >= 0 ? sent : -errno;
}

ssize_t udp_core::receive_now(int fd, std::span<net::incoming_datagram> into) noexcept {
    std::array<socket_address, many_max> addresses;
    many_messages messages;
    const std::size_t count = std::min(into.size(), many_max);
    for (std::size_t i = 0; i < count; ++i)
        messages.add(into[i].buffer_.data(), into[i].buffer_.size(), &addresses[i]);
    const int received = ::recvmmsg(fd, messages.data(), messages.count(), MSG_TRUNC, nullptr);
    if (received < 0) return -errno;
    for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i)
        into[i].received_ = net::received_datagram<net::endpoint>(
            into[i].buffer_.size(), messages[i].msg_len, addresses[i].to_address()
        );
    return received;
}

}  // namespace amphi::detail
