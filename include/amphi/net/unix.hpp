// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/export.hpp>
#include <amphi/net/socket_ready.hpp>
#include <amphi/net/unix_address.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace amphi {

namespace detail {
class stream_access;
class unix_acceptor;
class unix_socket;
}  // namespace detail

namespace net {

/// Who was at the other end when the connection was made, as the kernel says: it cannot be forged.
class peer_credentials {
public:
    constexpr peer_credentials(std::int32_t pid, std::uint32_t uid, std::uint32_t gid) noexcept
        : pid_(pid)
        , uid_(uid)
        , gid_(gid) {}

    /// The process; 0 when it is outside of this process's namespace. It may have ended since, and
    /// its number may be another's by now: decide by the user, not by the process.
    [[nodiscard]] std::int32_t pid() const noexcept { return pid_; }
    [[nodiscard]] std::uint32_t uid() const noexcept { return uid_; }
    [[nodiscard]] std::uint32_t gid() const noexcept { return gid_; }

private:
    std::int32_t pid_;
    std::uint32_t uid_;
    std::uint32_t gid_;
};

/// Bytes, and the descriptors that came with them.
class received_descriptors {
public:
    received_descriptors(std::size_t size, std::vector<descriptor> owned) noexcept
        : descriptors(std::move(owned))
        , size_(size) {}

    /// How many bytes were put into the buffer. Zero: the end of the stream, or an empty buffer.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    std::vector<descriptor> descriptors;

private:
    std::size_t size_;
};

/// A connection within this machine: bytes, and descriptors, which no other socket can pass on.
///
/// Threads: one task reads while another writes; else one at a time. Move-only, sendable.
/// Cancellation: a read or a write that is cut short has transferred nothing.
/// Lifetime: no operation may be in flight when it is closed or destroyed.
/// Errors: `std::system_error`, naming the peer; the use of a closed or moved-from one is EBADF.
/// Cost: as `tcp_stream`.
class AMPHI_EXPORT unix_stream {
public:
    /// The most descriptors that one call sends.
    static constexpr std::size_t descriptors_max = 253;

    /// Connects to a listener. It never waits: the kernel decides at once. Errors: EAGAIN when the
    /// listener's queue is full, since the kernel has no way to wait for room that could be
    /// cancelled; ECONNREFUSED when the file is there and nobody listens on it.
    [[nodiscard]] static task<unix_stream> connect(unix_address to);

    /// Two ends that are connected to each other and have no name.
    [[nodiscard]] static std::pair<unix_stream, unix_stream> pair();

    unix_stream(unix_stream&& other) noexcept;
    unix_stream& operator=(unix_stream&& other) noexcept;
    ~unix_stream();

    /// Waits for bytes and puts at most as many as fit into the buffer. Zero: the peer has shut its
    /// side down, or the buffer is empty. Descriptors that came with them are closed.
    [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);

    /// Waits until the system takes bytes from the front and says how many.
    [[nodiscard]] task<std::size_t> write_some(std::span<const std::byte> from);
    [[nodiscard]] task<std::size_t>
    write_some(std::span<const std::byte> first, std::span<const std::byte> second);

    [[nodiscard]] task<> write_all(std::span<const std::byte> from);

    /// As `write_some`, and passes duplicates of open descriptors to the peer, with the first of
    /// the bytes, of which there must be one. Errors: EINVAL without a byte or with more than
    /// `descriptors_max`; EBADF when one of them is not open; then nothing is sent.
    [[nodiscard]] task<std::size_t>
    send_descriptors(std::span<const std::byte> from, std::span<const int> passed);

    /// As `read_some`, and takes the descriptors that were passed with these bytes: those of one
    /// `send_descriptors`, maybe behind bytes without any. Errors: EMSGSIZE when more than
    /// `count_max` came, EMFILE when this process has no room for them. Then those that came are
    /// closed, and the bytes are lost.
    [[nodiscard]] task<received_descriptors>
    receive_descriptors(std::span<std::byte> into, std::size_t count_max = 16);

    /// The peer's reads see the end after what was written; reading goes on here.
    void shutdown_write();

    [[nodiscard]] peer_credentials credentials() const;

    /// Waits until a read would not wait; for `select`, before the read itself. For the reader.
    [[nodiscard("co_await it")]] detail::socket_ready readable();
    /// Waits until a write would not wait. For the writer.
    [[nodiscard("co_await it")]] detail::socket_ready writable();

    [[nodiscard]] unix_address local_address() const;
    [[nodiscard]] unix_address remote_address() const;

    /// The descriptor, which stays the stream's; -1 when closed. It is non-blocking.
    [[nodiscard]] int native_handle() const noexcept;

    void close() noexcept;

private:
    friend class detail::stream_access;
    friend class unix_listener;
    explicit unix_stream(std::unique_ptr<detail::unix_socket> socket) noexcept;
    [[nodiscard]] detail::unix_socket& socket() const;

    std::unique_ptr<detail::unix_socket> socket_;
};

/// Accepts connections within this machine.
///
/// Threads: one at a time. Move-only, sendable.
/// Lifetime: no `accept` may be in flight when it is closed or destroyed.
/// Errors: `std::system_error`, naming the address.
class AMPHI_EXPORT unix_listener {
public:
    /// Listens on `at`. Of a path the file is made, with permissions as the process's umask leaves
    /// them; who may write to it may connect. `backlog`: how many connections may wait to be
    /// accepted; the system caps it (net.core.somaxconn).
    ///
    /// Errors: EADDRINUSE when there is such a file. It is never removed here, also when nobody
    /// listens on it any more; then the error says so, and the file may be removed by whoever knows
    /// that no other is just about to listen.
    [[nodiscard]] static unix_listener bind(const unix_address& at, int backlog = 4096);

    unix_listener(unix_listener&& other) noexcept;
    unix_listener& operator=(unix_listener&& other) noexcept;
    ~unix_listener();

    /// Waits for the next connection. Without a descriptor for it: as `tcp_listener::accept`.
    /// Cancellation: no connection is lost.
    [[nodiscard]] task<unix_stream> accept();

    /// Waits until an `accept` would not wait; for `select`, before the `accept` itself.
    [[nodiscard("co_await it")]] detail::socket_ready readable();

    [[nodiscard]] unix_address local_address() const;
    [[nodiscard]] int native_handle() const noexcept;

    /// Removes the file, if it is the one that `bind` has made, in the process that has made it.
    void close() noexcept;

private:
    explicit unix_listener(std::unique_ptr<detail::unix_acceptor> acceptor) noexcept;
    [[nodiscard]] detail::unix_acceptor& acceptor() const;

    std::unique_ptr<detail::unix_acceptor> acceptor_;
};

}  // namespace net

template <>
inline constexpr bool enable_sendable<net::peer_credentials> = true;
template <>
inline constexpr bool enable_sendable<net::received_descriptors> = true;
template <>
inline constexpr bool enable_sendable<net::unix_stream> = true;
template <>
inline constexpr bool enable_sendable<net::unix_listener> = true;

}  // namespace amphi
