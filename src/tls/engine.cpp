// SPDX-License-Identifier: BSL-1.0
#include <amphi/tls/engine.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/tls/context.hpp>
#include <amphi/tls/error.hpp>

#include "context_state.hpp"
#include "openssl_error.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace amphi::detail {

namespace {

/// Of what the peer has made us answer and no write has sent yet.
constexpr std::size_t unasked_answers_max = std::size_t{4} * 1024;
/// Two records and what stands around them.
constexpr std::size_t received_at_once = std::size_t{33} * 1024;
/// What one call encrypts: two records.
constexpr std::size_t encrypted_at_once = std::size_t{32} * 1024;

tls::failure kind_of(long verify_result) noexcept {
    switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return tls::failure::not_valid_now;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return tls::failure::wrong_host;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return tls::failure::untrusted;
    default:
        return tls::failure::certificate;
    }
}

/// As certificates and SNI have it: without the brackets of an address or a last dot.
std::string bare(std::string host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.ends_with('.')) host.pop_back();
    return host;
}

}  // namespace

void tls_engine::free_session::operator()(ssl_st* owned) const noexcept {
    SSL_free(owned);
}

tls_engine::tls_engine(std::shared_ptr<tls_context> context, std::string peer)
    : context_(std::move(context))
    , peer_(std::move(peer))
    , session_(SSL_new(context_->get())) {
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    if (!session_ || in == nullptr || out == nullptr) {
        BIO_free(in);
        BIO_free(out);
        throw std::bad_alloc();
    }
    BIO_set_mem_eof_return(in, -1);  // An empty one is not the end: more may come.
    SSL_set_bio(session_.get(), in, out);
}

tls_engine::tls_engine(const tls::client_context& how, const std::string& host)
    : tls_engine(how.context_, host) {
    SSL_set_connect_state(session_.get());
    expect_host(bare(host));
}

tls_engine::tls_engine(const tls::server_context& how, const std::string& peer)
    : tls_engine(how.context_, peer) {
    SSL_set_accept_state(session_.get());
}

tls_engine::~tls_engine() = default;

void tls_engine::expect_host(const std::string& host) {
    const lock_guard guard(lock_);
    ERR_clear_error();
    X509_VERIFY_PARAM* const expected = SSL_get0_param(session_.get());
    bool valid = !host.empty() && host.find('\0') == std::string::npos;
    if (valid && net::endpoint::from_address(host, 0)) {
        valid = X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
    } else if (valid) {
        X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        valid = X509_VERIFY_PARAM_set1_host(expected, host.data(), host.size()) == 1 &&
                SSL_set_tlsext_host_name(session_.get(), host.c_str()) == 1;
    }
    if (valid) return;
    ERR_clear_error();
    const std::string shown = host.substr(0, host.find('\0'));
    throw tls::tls_error(
        tls::failure::configuration, "TLS handshake with '" + shown + "'", "that is no host's name"
    );
}

/// Of the call that has just failed. Under the lock.
tls::tls_error tls_engine::error_of(const char* operation) const {
    const std::string what = std::string(operation) + " " + peer_;
    const unsigned long code = ERR_peek_last_error();
    const long verified = SSL_get_verify_result(session_.get());
    if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
        ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
        ERR_clear_error();
        return {kind_of(verified), what, X509_verify_cert_error_string(verified)};
    }
    const bool shown_none = ERR_GET_LIB(code) == ERR_LIB_SSL &&
                            ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
    const auto kind = shown_none ? tls::failure::certificate : tls::failure::protocol;
    return {kind, what, take_openssl_reason()};
}

tls_engine::step tls_engine::handshake() {
    const lock_guard guard(lock_);
    ERR_clear_error();
    const int done = SSL_do_handshake(session_.get());
    step now = step::done;
    if (done != 1) {
        const bool waits = SSL_get_error(session_.get(), done) == SSL_ERROR_WANT_READ;
        now = waits ? step::needs_input : step::failed;
        if (!waits) failed_ = error_of("TLS handshake with");
    }
    collect_output();
    return now;
}

void tls_engine::fail() const {
    const lock_guard guard(lock_);
    throw tls::tls_error(*failed_);
}

std::span<std::byte> tls_engine::room() {
    if (!incoming_) incoming_ = std::make_unique_for_overwrite<std::byte[]>(received_at_once);
    return {incoming_.get(), received_at_once};
}

void tls_engine::received(std::size_t count) {
    const lock_guard guard(lock_);
    const int size = static_cast<int>(count);
    if (BIO_write(SSL_get_rbio(session_.get()), incoming_.get(), size) != size)
        throw std::bad_alloc();
}

void tls_engine::fail_truncated(const char* operation) {
    const lock_guard guard(lock_);
    failed_.emplace(
        tls::failure::truncated,
        std::string(operation) + " " + peer_,
        "the connection ended without a close_notify"
    );
    throw tls::tls_error(*failed_);
}

std::optional<std::size_t> tls_engine::read(std::span<std::byte> into) {
    const lock_guard guard(lock_);
    if (failed_) throw tls::tls_error(*failed_);
    ERR_clear_error();
    std::size_t count = 0;
    const int done = SSL_read_ex(session_.get(), into.data(), into.size(), &count);
    // Answers to what is no data go with the next write. Who asks for ever would fill the memory.
    if (BIO_ctrl_pending(SSL_get_wbio(session_.get())) > unasked_answers_max) {
        failed_.emplace(
            tls::failure::protocol,
            std::string("read from ") + peer_,
            "it asks again and again for another handshake"
        );
        throw tls::tls_error(*failed_);
    }
    if (done == 1) return count;
    switch (SSL_get_error(session_.get(), done)) {
    case SSL_ERROR_WANT_READ:
        return std::nullopt;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        failed_ = error_of("read from");
        throw tls::tls_error(*failed_);
    }
}

std::size_t tls_engine::encrypt(std::span<const std::byte> from) {
    const lock_guard guard(lock_);
    if (failed_) throw tls::tls_error(*failed_);
    ERR_clear_error();
    std::size_t count = 0;
    const std::size_t most = std::min(from.size(), encrypted_at_once);
    if (SSL_write_ex(session_.get(), from.data(), most, &count) != 1) throw error_of("write to");
    collect_output();
    return count;
}

void tls_engine::close() {
    const lock_guard guard(lock_);
    if (failed_) throw tls::tls_error(*failed_);
    // A second call would read.
    if ((SSL_get_shutdown(session_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
    ERR_clear_error();
    if (SSL_shutdown(session_.get()) < 0) throw error_of("shut down the connection to");
    collect_output();
}

/// Under the lock; the writer's.
void tls_engine::collect_output() {
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
    BIO* const out = SSL_get_wbio(session_.get());
    char* made = nullptr;
    const long size = BIO_get_mem_data(out, &made);
    if (size <= 0) return;
    const auto* const bytes = reinterpret_cast<const std::byte*>(made);
    outgoing_.insert(outgoing_.end(), bytes, bytes + size);
    (void)BIO_reset(out);
}

std::string tls_engine::alpn() const {
    const lock_guard guard(lock_);
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(session_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string tls_engine::version() const {
    const lock_guard guard(lock_);
    return SSL_get_version(session_.get());
}

std::string tls_engine::cipher() const {
    const lock_guard guard(lock_);
    return SSL_get_cipher_name(session_.get());
}

std::string tls_engine::peer_subject() const {
    const lock_guard guard(lock_);
    const X509* const shown = SSL_get0_peer_certificate(session_.get());
    if (shown == nullptr) return {};
    const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free);
    if (!text) throw std::bad_alloc();
    X509_NAME_print_ex(text.get(), X509_get_subject_name(shown), 0, XN_FLAG_ONELINE);
    char* made = nullptr;
    const long size = BIO_get_mem_data(text.get(), &made);
    return {made, static_cast<std::size_t>(size)};
}

}  // namespace amphi::detail
