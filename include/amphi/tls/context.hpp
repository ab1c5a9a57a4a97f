// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string_view>

namespace amphi {

namespace detail {
class tls_context;
class tls_engine;
class tls_trust;
}  // namespace detail

namespace tls {

enum class version : std::uint8_t { tls_1_2, tls_1_3 };

/// Whom a client trusts, and what it offers. Made once, used for any number of connections; a copy
/// is the same one.
///
/// The server's certificate is verified, always with the name of the host, against the authorities
/// that the system trusts. TLS 1.2 at least; no renegotiation, no compression.
///
/// Threads: set it up first; then any number of them may connect with it.
/// Errors: `tls_error`, naming the file. The setters read files, and block for that.
/// Cost: the system's authorities are read by the first `connect`, on a plain thread, in some 100
/// ms: so keep a context.
class AMPHI_EXPORT client_context {
public:
    client_context();

    /// Trusts the authorities in this PEM file alone, in place of the system's. When it throws, all
    /// is as before.
    client_context& ca_file(const std::filesystem::path& file);

    /// Takes any certificate, also that of whoever listens in between; so do all copies. For tests.
    client_context& insecure_no_verification();

    /// The protocols that it offers, best first: `alpn({"h2", "http/1.1"})`.
    client_context& alpn(std::initializer_list<std::string_view> protocols);

    client_context& minimum_version(version oldest);

    /// Who it is, for servers that want to know: PEM files of its certificate, with those between
    /// it and the authority behind it, and of the key, without a passphrase.
    client_context&
    certificate(const std::filesystem::path& chain, const std::filesystem::path& key);

private:
    friend class detail::tls_engine;
    friend class detail::tls_trust;
    std::shared_ptr<detail::tls_context> context_;
};

/// Who a server is, and what it offers. As `client_context` in all else. With TLS 1.3 sessions are
/// not resumed: it sends no tickets.
class AMPHI_EXPORT server_context {
public:
    /// PEM files: the certificate, with those between it and the authority behind it, and its key,
    /// without a passphrase.
    server_context(const std::filesystem::path& chain, const std::filesystem::path& key);

    /// The protocols that it speaks, best first. A client that offers others alone is refused; one
    /// that offers none is served.
    server_context& alpn(std::initializer_list<std::string_view> protocols);

    server_context& minimum_version(version oldest);

    /// Serves those clients alone whose certificate an authority in this PEM file has signed.
    server_context& client_ca_file(const std::filesystem::path& file);

private:
    friend class detail::tls_engine;
    std::shared_ptr<detail::tls_context> context_;
};

}  // namespace tls

template <>
inline constexpr bool enable_sendable<tls::client_context> = true;
template <>
inline constexpr bool enable_sendable<tls::server_context> = true;

}  // namespace amphi
