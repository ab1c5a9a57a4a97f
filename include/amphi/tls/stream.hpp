// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/error.hpp>
#include <amphi/base/export.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/connect.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/tls/context.hpp>
#include <amphi/tls/engine.hpp>

#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace amphi {

namespace detail {

class tls_connect_function;
class tls_accept_function;

/// What carries bytes in both directions.
template <class Stream>
concept byte_stream = readable_stream<Stream> && writable_stream<Stream> && std::movable<Stream>;

template <byte_stream Stream>
task<> send_pending(Stream& to, tls_engine& from) {
    while (!from.pending().empty()) {
        const std::size_t count = co_await to.write_some(from.pending());
        from.sent(count);
    }
}

template <byte_stream Stream>
task<> shake_hands(Stream& with, tls_engine& engine) {
    for (;;) {
        const tls_engine::step now = engine.handshake();
        if (now == tls_engine::step::failed) {
            // The peer is told why. When he cannot be, the reason is still this one.
            try {
                co_await send_pending(with, engine);
            } catch (...) {
            }
            engine.fail();
        }
        co_await send_pending(with, engine);
        if (now == tls_engine::step::done) co_return;
        const std::size_t count = co_await with.read_some(engine.room());
        if (count == 0) engine.fail_truncated("TLS handshake with");
        engine.received(count);
    }
}

/// Whom messages call the other end.
template <class Stream>
std::string peer_name(const Stream& of) {
    if constexpr (requires { to_string(of.remote_endpoint()); })
        return to_string(of.remote_endpoint());
    else
        return "a client";
}

}  // namespace detail

namespace tls {

/// A connection that nobody can listen in to, over another stream that carries its bytes. Made by
/// `tls::connect` and `tls::accept`.
///
/// Threads: one task reads while another writes; a lock inside keeps them apart for as long as
/// OpenSSL computes. Else one at a time. Move-only, sendable if the stream below is.
/// Cancellation: a read that is cut short has transferred nothing. A write that is may have been
/// taken: what is left of its records goes out before the next write, so the order stays right.
/// Lifetime: no operation may be in flight when it is moved or destroyed. Destroyed with
/// something unread, it resets the connection, as TCP does, and what was written last may be lost;
/// servers other than amphi's send something unasked (session tickets): so read to the end first.
/// Errors: `tls_error`; those of the stream below, in its own words; the use of a
/// moved-from one is EBADF. An end that the peer has not announced is `failure::truncated`: without
/// that, whoever cuts the connection could pass off a part as the whole.
/// Cost: buffers of some records each way, which it keeps, and two copies of what passes. Records
/// go through memory, so kernel TLS is not used.
template <detail::byte_stream Stream = net::tcp_stream>
class stream {
public:
    /// Waits for bytes and puts at most as many as fit into the buffer. Zero: the peer has said
    /// that it ends, or the buffer is empty.
    [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into) {
        detail::checkpoint begun;
        co_await begun;
        if (into.empty()) co_return std::size_t{0};
        for (;;) {
            const std::optional<std::size_t> count = engine().read(into);
            if (count) co_return *count;
            const std::size_t received = co_await socket_.read_some(engine_->room());
            if (received == 0) engine_->fail_truncated("read from");
            engine_->received(received);
        }
    }

    /// Takes bytes from the front, sends them, and says how many these were.
    [[nodiscard]] task<std::size_t> write_some(std::span<const std::byte> from) {
        detail::checkpoint begun;
        co_await begun;
        co_await detail::send_pending(socket_, engine());
        if (from.empty()) co_return std::size_t{0};
        const std::size_t count = engine_->encrypt(from);
        co_await detail::send_pending(socket_, *engine_);
        co_return count;
    }

    /// Writes everything: what `amphi::write_all` does with this stream.
    [[nodiscard]] task<> write_all(std::span<const std::byte> from) {
        detail::checkpoint begun;
        co_await begun;
        co_await detail::send_pending(socket_, engine());
        while (!from.empty()) {
            from = from.subspan(engine_->encrypt(from));
            co_await detail::send_pending(socket_, *engine_);
        }
    }

    /// Tells the peer that no more will come (close_notify); reading goes on here. Without it the
    /// peer takes what it has got for truncated.
    [[nodiscard]] task<> shutdown() {
        detail::checkpoint begun;
        co_await begun;
        engine().close();
        co_await detail::send_pending(socket_, *engine_);
    }

    /// The protocol that both have agreed on; empty: none.
    [[nodiscard]] std::string alpn() const { return engine().alpn(); }
    /// "TLSv1.3".
    [[nodiscard]] std::string version() const { return engine().version(); }
    [[nodiscard]] std::string cipher() const { return engine().cipher(); }
    /// The subject of the peer's certificate, "CN = example.org"; empty: it has shown none.
    [[nodiscard]] std::string peer_subject() const { return engine().peer_subject(); }

    /// What carries the bytes. Neither read nor write it.
    [[nodiscard]] Stream& socket() noexcept { return socket_; }
    [[nodiscard]] const Stream& socket() const noexcept { return socket_; }

private:
    friend class detail::tls_connect_function;
    friend class detail::tls_accept_function;

    stream(Stream carrier, std::unique_ptr<detail::tls_engine> engine) noexcept
        : socket_(std::move(carrier))
        , engine_(std::move(engine)) {}

    [[nodiscard]] detail::tls_engine& engine() const {
        if (!engine_) detail::throw_system_error(EBADF, "use a TLS stream that has moved");
        return *engine_;
    }

    Stream socket_;
    std::unique_ptr<detail::tls_engine> engine_;
};

}  // namespace tls

namespace detail {

/// What `tls::connect` is. An object, so that its forms can be handed to `timeout`.
class tls_connect_function {
public:
    template <byte_stream Stream>
    [[nodiscard]] task<tls::stream<Stream>>
    operator()(Stream carrier, std::string host, tls::client_context how) const {
        co_await tls_trust::load(how);
        auto engine = std::make_unique<tls_engine>(how, host);
        co_await shake_hands(carrier, *engine);
        co_return tls::stream<Stream>(std::move(carrier), std::move(engine));
    }

    [[nodiscard]] AMPHI_EXPORT task<tls::stream<net::tcp_stream>> operator()(
        std::string host,
        std::uint16_t port,
        tls::client_context how,
        net::connect_options connecting = {}
    ) const;
};

/// What `tls::accept` is.
class tls_accept_function {
public:
    template <byte_stream Stream>
    [[nodiscard]] task<tls::stream<Stream>>
    operator()(Stream carrier, tls::server_context how) const {
        auto engine = std::make_unique<tls_engine>(how, peer_name(carrier));
        co_await shake_hands(carrier, *engine);
        co_return tls::stream<Stream>(std::move(carrier), std::move(engine));
    }
};

}  // namespace detail

namespace tls {

/// Begins TLS as a client: `connect("example.org", 443, context)`, which finds the host as
/// `net::connect` does, or `connect(std::move(stream), "example.org", context)` over any stream
/// that carries bytes. `host` is a name or a numeric address; the server is told it (SNI, names
/// alone), and its certificate must be for it.
///
/// Cancellation: ends at once, when the system's authorities have been read; the stream below is
/// closed, as after a failure.
/// Errors: `tls_error` that names the host and the reason; those of the stream below.
inline constexpr detail::tls_connect_function connect{};

/// Begins TLS as a server: `accept(std::move(stream), context)`. A client can be slow, so give it a
/// `timeout`, and a task of its own.
///
/// Cancellation, errors: as those of `connect`.
inline constexpr detail::tls_accept_function accept{};

}  // namespace tls

template <class Stream>
inline constexpr bool enable_sendable<tls::stream<Stream>> = enable_sendable<Stream>;

}  // namespace amphi
