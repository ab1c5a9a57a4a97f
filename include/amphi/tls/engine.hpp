// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/task.hpp>
#include <amphi/tls/context.hpp>
#include <amphi/tls/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct ssl_st;

namespace amphi::detail {

/// Reads the authorities that the system trusts, for contexts that trust them, before their first
/// connection.
class tls_trust {
public:
    [[nodiscard]] AMPHI_EXPORT static task<> load(tls::client_context of);

private:
    static void load_now(const tls::client_context& of);
};

/// One end of a TLS connection, which turns bytes into records and back and never waits. Who owns
/// it carries what is `pending` to the peer, and what comes from there into `room`.
///
/// Threads: one reads (`room`, `received`, `read`) while another writes (`encrypt`, `close`,
/// `pending`, `sent`): OpenSSL allows one at a time, so each call takes a lock. Until the handshake
/// is done, one.
/// Lifetime: stays where it is.
class AMPHI_EXPORT tls_engine {
public:
    enum class step : std::uint8_t { done, needs_input, failed };

    /// Both throw `tls_error`. `host` is whom the certificate must be of; `peer` is for messages.
    tls_engine(const tls::client_context& how, const std::string& host);
    tls_engine(const tls::server_context& how, const std::string& peer);
    tls_engine(const tls_engine&) = delete;
    tls_engine& operator=(const tls_engine&) = delete;
    ~tls_engine();

    /// Goes on with the handshake. Whatever it says, send what is pending; then, if it has failed,
    /// `fail`.
    [[nodiscard]] step handshake();
    [[noreturn]] void fail() const;

    /// Where bytes of the peer are to be put, and how many have been.
    [[nodiscard]] std::span<std::byte> room();
    void received(std::size_t count);
    /// The peer's bytes have ended, in the middle of `operation`.
    [[noreturn]] void fail_truncated(const char* operation);

    /// How much could be read; zero: the peer has said that it ends. Nothing: more must be received
    /// first.
    [[nodiscard]] std::optional<std::size_t> read(std::span<std::byte> into);

    /// Takes bytes from the front, and says how many.
    [[nodiscard]] std::size_t encrypt(std::span<const std::byte> from);
    /// Tells the peer that no more will come.
    void close();

    /// What is to be sent, and how much of it has been.
    [[nodiscard]] std::span<const std::byte> pending() const noexcept {
        return std::span(outgoing_).subspan(sent_);
    }
    void sent(std::size_t count) noexcept { sent_ += count; }

    [[nodiscard]] std::string alpn() const;
    [[nodiscard]] std::string version() const;
    [[nodiscard]] std::string cipher() const;
    [[nodiscard]] std::string peer_subject() const;

private:
    tls_engine(std::shared_ptr<tls_context> context, std::string peer);

    void expect_host(const std::string& host);
    [[nodiscard]] tls::tls_error error_of(const char* operation) const AMPHI_REQUIRES(lock_);
    void collect_output() AMPHI_REQUIRES(lock_);

    struct free_session {
        void operator()(ssl_st* owned) const noexcept;
    };

    std::shared_ptr<tls_context> context_;  // outlives the session
    std::string peer_;
    mutable lock lock_;
    std::unique_ptr<ssl_st, free_session> session_ AMPHI_GUARDED_BY(lock_);
    std::optional<tls::tls_error> failed_ AMPHI_GUARDED_BY(lock_);
    // The writer's.
    std::vector<std::byte> outgoing_;
    std::size_t sent_ = 0;
    // The reader's.
    std::unique_ptr<std::byte[]> incoming_;
};

}  // namespace amphi::detail
