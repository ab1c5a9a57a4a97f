// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/udp.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <unistd.h>

namespace amphi::detail {

/// A UDP socket at an address that stays, so that its owner can move while it is watched.
class udp_core {
public:
    explicit udp_core(descriptor owned, bool is_ipv6) noexcept
        : fd(std::move(owned))
        , ipv6(is_ipv6) {}

    /// What it is connected to; nothing when it is not.
    [[nodiscard]] std::optional<net::endpoint> peer() const noexcept;

    /// Throws `error`, an errno, of what was tried with the peer, or with this socket.
    [[noreturn]] void fail(int error, const std::string& operation) const;
    [[noreturn]] void
    fail(int error, const std::string& operation, const net::endpoint& with) const;

    /// Sets a socket option, `name`, of a value as the kernel takes it.
    template <class Value>
    void set(int level, int option, const Value& value, const char* name) const {
        set_bytes(level, option, &value, sizeof value, name);
    }
    /// Asks for the option SO_RCVBUF or SO_SNDBUF.
    [[nodiscard]] std::size_t buffer(int option, const char* name) const;
    void set_buffer(int option, std::size_t size, const char* name) const;

    /// sendmmsg(2) and recvmmsg(2): how many, or a negated errno.
    [[nodiscard]] static ssize_t
    send_now(int fd, std::span<const net::outgoing_datagram> from) noexcept;
    [[nodiscard]] static ssize_t
    receive_now(int fd, std::span<net::incoming_datagram> into) noexcept;

    descriptor fd;
    watch readiness;  // leaves the driver before the descriptor is closed
    const bool ipv6;

private:
    void
    set_bytes(int level, int option, const void* value, std::size_t size, const char* name) const;
};

}  // namespace amphi::detail
