// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/net/datagram.hpp>
#include <amphi/net/socket_ready.hpp>
#include <amphi/net/unix_address.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace amphi {

namespace detail {
class unix_datagram_core;
}

namespace net {

/// Sends and receives datagrams within this machine. Each arrives whole, once and in order; a
/// sender waits while the receiver's queue is full (net.unix.max_dgram_qlen).
///
/// Threads: one task receives while another sends; else one at a time. Move-only, sendable.
/// Cancellation: what is cut short has sent and received nothing.
/// Lifetime: no operation may be in flight when it is closed or destroyed.
/// Errors: `std::system_error`, naming whom it concerns; the use of a closed or moved-from one is
/// EBADF. A datagram that is too long to be sent is EMSGSIZE, naming its size; a receiver that has
/// gone is ECONNREFUSED.
/// Cost: on async one registration a socket, at its first wait. A `send_to` that waits for room at
/// the receiver makes a socket for that wait.
class AMPHI_EXPORT unix_datagram {
public:
    using received = received_datagram<unix_address>;

    /// Receives at `at`. What is said of the file of a `unix_listener` holds for its file.
    [[nodiscard]] static unix_datagram bind(const unix_address& at);
    /// Has no name, so nobody can answer it.
    [[nodiscard]] static unix_datagram unbound();
    /// Two that are connected to each other and have no name.
    [[nodiscard]] static std::pair<unix_datagram, unix_datagram> pair();

    unix_datagram(unix_datagram&& other) noexcept;
    unix_datagram& operator=(unix_datagram&& other) noexcept;
    ~unix_datagram();

    /// `send` goes to `to` from now on, and what others send is not received. It may be called
    /// again.
    void connect(const unix_address& to);

    /// Waits until the receiver has room. `send` needs a connected socket.
    [[nodiscard]] task<> send(std::span<const std::byte> datagram);
    [[nodiscard]] task<> send_to(std::span<const std::byte> datagram, unix_address to);

    /// Waits for a datagram and says how many bytes of it are in the buffer. A longer one is cut
    /// off, which `receive_from` tells. An empty one is zero, and no end. Descriptors that came
    /// with it are closed.
    [[nodiscard]] task<std::size_t> receive(std::span<std::byte> into);
    [[nodiscard]] task<received> receive_from(std::span<std::byte> into);

    /// Waits until a receive would not wait; for `select`. For the receiver.
    [[nodiscard("co_await it")]] detail::socket_ready readable();
    /// Waits until a `send` would not wait. For the sender.
    [[nodiscard("co_await it")]] detail::socket_ready writable();

    [[nodiscard]] unix_address local_address() const;
    /// Unnamed also when it is not connected.
    [[nodiscard]] unix_address remote_address() const;

    /// The descriptor, which stays the socket's; -1 when closed. It is non-blocking.
    [[nodiscard]] int native_handle() const noexcept;

    /// Removes the file, if it is the one that `bind` has made, in the process that has made it.
    void close() noexcept;

private:
    explicit unix_datagram(std::unique_ptr<detail::unix_datagram_core> core) noexcept;
    [[nodiscard]] detail::unix_datagram_core& core() const;

    std::unique_ptr<detail::unix_datagram_core> core_;
};

}  // namespace net

template <>
inline constexpr bool enable_sendable<net::unix_datagram> = true;

}  // namespace amphi
