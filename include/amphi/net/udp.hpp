// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/net/datagram.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/socket_ready.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace amphi {

namespace detail {
class udp_core;
}

namespace net {

/// How to bind a UDP socket.
class udp_options {
public:
    udp_options() = default;

    /// Whether several sockets may take the address, as receivers of a multicast group do. Who then
    /// gets a datagram that is sent to one address only is up to the system.
    udp_options& reuse_address(bool on = true) noexcept {
        reuse_address_ = on;
        return *this;
    }
    /// Whether several sockets share the port, each getting the datagrams of some of the senders.
    udp_options& reuse_port(bool on = true) noexcept {
        reuse_port_ = on;
        return *this;
    }
    /// Whether a socket at [::] leaves IPv4 to another one. Else it gets both, unless the system is
    /// set up otherwise.
    udp_options& only_ipv6(bool on = true) noexcept {
        only_ipv6_ = on;
        return *this;
    }

    [[nodiscard]] bool reuse_address() const noexcept { return reuse_address_; }
    [[nodiscard]] bool reuse_port() const noexcept { return reuse_port_; }
    [[nodiscard]] bool only_ipv6() const noexcept { return only_ipv6_; }

private:
    bool reuse_address_ = false;
    bool reuse_port_ = false;
    bool only_ipv6_ = false;
};

/// One of several datagrams to be sent. Refers to its bytes.
class outgoing_datagram {
public:
    /// To whom the socket is connected.
    explicit outgoing_datagram(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}
    outgoing_datagram(std::span<const std::byte> bytes, const endpoint& to) noexcept
        : bytes_(bytes)
        , to_(to) {}

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
    [[nodiscard]] const std::optional<endpoint>& to() const noexcept { return to_; }

private:
    std::span<const std::byte> bytes_;
    std::optional<endpoint> to_;
};

/// Room for one of several datagrams to be received, and what was. Refers to its buffer.
class incoming_datagram {
public:
    explicit incoming_datagram(std::span<std::byte> buffer) noexcept : buffer_(buffer) {}

    [[nodiscard]] std::span<std::byte> buffer() const noexcept { return buffer_; }
    [[nodiscard]] const received_datagram<endpoint>& received() const noexcept { return received_; }
    /// The bytes of it that are in the buffer.
    [[nodiscard]] std::span<std::byte> bytes() const noexcept {
        return buffer_.first(received_.size());
    }

private:
    friend class detail::udp_core;

    std::span<std::byte> buffer_;
    received_datagram<endpoint> received_;
};

/// Sends and receives datagrams, each of which arrives whole, once, twice or not at all, in any
/// order. When bytes must arrive in order, take a `tcp_stream`.
///
/// Threads: one task receives while another sends; else one at a time. Move-only, sendable.
/// Cancellation: what is cut short has sent and received nothing.
/// Lifetime: no operation may be in flight when it is closed or destroyed.
/// Errors: `std::system_error`, naming whom it concerns; the use of a closed or moved-from one is
/// EBADF. A datagram that is too long to be sent is EMSGSIZE, naming its size. On a connected
/// socket a send or a receive may be the one to be told that nobody took an earlier datagram,
/// ECONNREFUSED; the socket goes on.
/// Cost: on async one registration a socket, at its first wait.
class AMPHI_EXPORT udp_socket {
public:
    using received = received_datagram<endpoint>;

    /// `send_many` and `receive_many` transfer no more than this at once.
    static constexpr std::size_t many_max = 64;

    /// Receives at `at`; its port 0 lets the system pick one, which `local_endpoint` tells. Without
    /// an address: IPv4.
    [[nodiscard]] static udp_socket bind(const endpoint& at = {}, const udp_options& how = {});
    /// Is connected to `to` and sends from an address and a port that the system picks.
    [[nodiscard]] static udp_socket connected_to(const endpoint& to);

    udp_socket(udp_socket&& other) noexcept;
    udp_socket& operator=(udp_socket&& other) noexcept;
    ~udp_socket();

    /// `send` goes to `to` from now on, and what others send is not received. Nothing is sent, so
    /// this does not wait. It may be called again.
    void connect(const endpoint& to);

    /// Waits until the system takes the datagram. `send` needs a connected socket.
    [[nodiscard]] task<> send(std::span<const std::byte> datagram);
    [[nodiscard]] task<> send_to(std::span<const std::byte> datagram, endpoint to);

    /// Waits for a datagram and says how many bytes of it are in the buffer. A longer one is cut
    /// off, which `receive_from` tells. An empty one is zero, and no end.
    [[nodiscard]] task<std::size_t> receive(std::span<std::byte> into);
    [[nodiscard]] task<received> receive_from(std::span<std::byte> into);

    /// Waits until the system takes datagrams from the front, in one call, and says how many: at
    /// least one, unless there are none. An error concerns the first.
    [[nodiscard]] task<std::size_t> send_many(std::span<const outgoing_datagram> from);
    /// Waits for a datagram, receives those that are there in one call, and says how many: the
    /// first so many of `into` hold them.
    [[nodiscard]] task<std::size_t> receive_many(std::span<incoming_datagram> into);

    /// Waits until a datagram may be there; for `select`, before the receive itself, which waits on
    /// when it was damaged. For the receiver.
    [[nodiscard("co_await it")]] detail::socket_ready readable();
    /// Waits until a send would not wait. For the sender.
    [[nodiscard("co_await it")]] detail::socket_ready writable();

    /// Whether datagrams may be sent to broadcast addresses.
    void broadcast(bool on);
    /// How many routers a datagram may pass.
    void ttl(int hops);

    /// How many bytes the system keeps of what has not been received, or not left yet. It may set
    /// another size: Linux doubles it, for its own needs, and caps it (net.core.rmem_max,
    /// wmem_max).
    void receive_buffer(std::size_t size);
    void send_buffer(std::size_t size);
    [[nodiscard]] std::size_t receive_buffer() const;
    [[nodiscard]] std::size_t send_buffer() const;

    /// Receives what is sent to the multicast group at the address of `group`, on the interface of
    /// that index (if_nametoindex(3)), or on one that the system picks. Bind to the group's port.
    void join_multicast(const endpoint& group, std::uint32_t interface_index = 0);
    void leave_multicast(const endpoint& group, std::uint32_t interface_index = 0);
    /// How many routers a datagram to a group may pass; 1, this network, unless set.
    void multicast_ttl(int hops);
    /// Whether this machine's own members of a group get what is sent. On unless switched off.
    void multicast_loop(bool on);
    /// The interface by which datagrams to groups leave; 0: one that the system picks.
    void multicast_interface(std::uint32_t interface_index);

    [[nodiscard]] endpoint local_endpoint() const;
    /// Nothing when it is not connected.
    [[nodiscard]] std::optional<endpoint> remote_endpoint() const;

    /// The descriptor, which stays the socket's; -1 when closed. It is non-blocking.
    [[nodiscard]] int native_handle() const noexcept;

    void close() noexcept;

private:
    explicit udp_socket(std::unique_ptr<detail::udp_core> core) noexcept;
    [[nodiscard]] detail::udp_core& core() const;

    std::unique_ptr<detail::udp_core> core_;
};

}  // namespace net

template <>
inline constexpr bool enable_sendable<net::udp_socket> = true;
template <>
inline constexpr bool enable_sendable<net::udp_options> = true;

}  // namespace amphi
