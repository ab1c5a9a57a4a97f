// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace amphi {

namespace detail {
class connect_attempt;
class stream_access;
class tcp_acceptor;
class tcp_socket;
}  // namespace detail

namespace net {

/// A TCP connection. Small writes leave at once (TCP_NODELAY) unless `no_delay(false)` says else.
///
/// Threads: one task reads while another writes; else one at a time. Move-only, sendable.
/// Cancellation: a read or a write that is cut short has transferred nothing.
/// Lifetime: no operation may be in flight when it is closed or destroyed.
/// Errors: `std::system_error`, naming the peer; the use of a closed or moved-from one is EBADF.
/// Cost: on async one registration a connection, at its first wait. On io_uring a write of up to
/// 16 KB while other tasks are runnable leaves with theirs, in the worker's next turn.
class AMPHI_EXPORT tcp_stream {
public:
    /// Connects; to a host by its name there is `net::connect`. Cancellation: nothing is left
    /// behind.
    [[nodiscard]] static task<tcp_stream> connect(endpoint to);

    tcp_stream(tcp_stream&& other) noexcept;
    tcp_stream& operator=(tcp_stream&& other) noexcept;
    ~tcp_stream();

    /// Waits for bytes and puts at most as many as fit into the buffer. Zero: the peer has shut its
    /// side down, or the buffer is empty.
    [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);

    /// Waits until the system takes bytes from the front and says how many.
    [[nodiscard]] task<std::size_t> write_some(std::span<const std::byte> from);
    /// As if the two stood behind each other: a head and a body leave in one packet.
    [[nodiscard]] task<std::size_t>
    write_some(std::span<const std::byte> first, std::span<const std::byte> second);

    /// Writes everything: what `amphi::write_all` does with this stream, in one frame.
    [[nodiscard]] task<> write_all(std::span<const std::byte> from);

    /// The peer's reads see the end after what was written; reading goes on here.
    void shutdown_write();

    void no_delay(bool on);

    [[nodiscard]] endpoint local_endpoint() const;
    [[nodiscard]] endpoint remote_endpoint() const;

    /// The descriptor, which stays the stream's; -1 when closed. It is non-blocking.
    [[nodiscard]] int native_handle() const noexcept;

    void close() noexcept;

private:
    friend class detail::connect_attempt;
    friend class detail::stream_access;
    friend class tcp_listener;
    explicit tcp_stream(std::unique_ptr<detail::tcp_socket> socket) noexcept;
    [[nodiscard]] detail::tcp_socket& socket() const;

    std::unique_ptr<detail::tcp_socket> socket_;
};

/// How to listen.
class listen_options {
public:
    listen_options() = default;

    /// How many connections may wait to be accepted; the system caps it (net.core.somaxconn).
    listen_options& backlog(int count) noexcept {
        backlog_ = count;
        return *this;
    }
    /// Whether the address may be taken while old connections on it linger. On unless switched off.
    listen_options& reuse_address(bool on) noexcept {
        reuse_address_ = on;
        return *this;
    }
    /// Whether several listeners share the port, each getting a part of the connections.
    listen_options& reuse_port(bool on) noexcept {
        reuse_port_ = on;
        return *this;
    }

    [[nodiscard]] int backlog() const noexcept { return backlog_; }
    [[nodiscard]] bool reuse_address() const noexcept { return reuse_address_; }
    [[nodiscard]] bool reuse_port() const noexcept { return reuse_port_; }

private:
    int backlog_ = 4096;
    bool reuse_address_ = true;
    bool reuse_port_ = false;
};

/// Accepts TCP connections.
///
/// Threads: one at a time. Move-only, sendable.
/// Lifetime: no `accept` may be in flight when it is closed or destroyed.
/// Errors: `std::system_error`, naming the address.
class AMPHI_EXPORT tcp_listener {
public:
    /// Listens on `at`; its port 0 lets the system pick one, which `local_endpoint` tells.
    [[nodiscard]] static tcp_listener bind(const endpoint& at, const listen_options& how = {});

    tcp_listener(tcp_listener&& other) noexcept;
    tcp_listener& operator=(tcp_listener&& other) noexcept;
    ~tcp_listener();

    /// Waits for the next connection. A peer that has gone before is passed over.
    ///
    /// When this process, or the system, has no descriptor left for it, the connection is taken
    /// with one kept in reserve and closed, so that the peer is not left hanging, and this throws:
    /// a loop that accepts again waits for the next one and does not spin. Should even that fail,
    /// it waits 100 ms before it throws. Cancellation: no connection is lost.
    [[nodiscard]] task<tcp_stream> accept();

    [[nodiscard]] endpoint local_endpoint() const;
    [[nodiscard]] int native_handle() const noexcept;
    void close() noexcept;

private:
    explicit tcp_listener(std::unique_ptr<detail::tcp_acceptor> acceptor) noexcept;
    [[nodiscard]] detail::tcp_acceptor& acceptor() const;

    std::unique_ptr<detail::tcp_acceptor> acceptor_;
};

}  // namespace net

template <>
inline constexpr bool enable_sendable<net::tcp_stream> = true;
template <>
inline constexpr bool enable_sendable<net::tcp_listener> = true;
template <>
inline constexpr bool enable_sendable<net::listen_options> = true;

}  // namespace amphi
