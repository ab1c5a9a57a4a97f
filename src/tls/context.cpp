// SPDX-License-Identifier: BSL-1.0
#include <amphi/tls/context.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/task/task.hpp>
#include <amphi/tls/engine.hpp>
#include <amphi/tls/error.hpp>

#include "context_state.hpp"
#include "openssl_error.hpp"

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace amphi {

namespace {

using detail::tls_context;

[[noreturn]] void throw_configuration(const std::string& operation, std::string reason) {
    throw tls::tls_error(tls::failure::configuration, operation, std::move(reason));
}

[[noreturn]] void throw_unusable(const char* what, const std::filesystem::path& file) {
    throw_configuration(
        "use " + std::string(what) + " '" + file.string() + "'", detail::take_openssl_reason()
    );
}

void trust(const tls_context& in, const std::filesystem::path& file) {
    ERR_clear_error();
    // A new one, without those that were there. If it cannot be read, those stay.
    std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(
        X509_STORE_new(), X509_STORE_free
    );
    if (!store || X509_STORE_load_file(store.get(), file.c_str()) != 1)
        throw_unusable("the authorities of", file);
    SSL_CTX_set_cert_store(in.get(), store.release());
}

void show(
    const tls_context& in, const std::filesystem::path& chain, const std::filesystem::path& key
) {
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(in.get(), chain.c_str()) != 1)
        throw_unusable("the certificate", chain);
    if (SSL_CTX_use_PrivateKey_file(in.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
        throw_unusable("the key", key);
    if (SSL_CTX_check_private_key(in.get()) != 1) throw_unusable("the key", key);
}

std::string as_sent(std::initializer_list<std::string_view> protocols) {
    std::string sent;
    for (const std::string_view each : protocols) {
        if (each.empty() || each.size() > 255)
            throw_configuration(
                "offer the protocol '" + std::string(each) + "'", "its name has 1 to 255 bytes"
            );
        sent += static_cast<char>(each.size());
        sent += each;
    }
    return sent;
}

const unsigned char* bytes_of(const std::string& text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL asks a server which of the protocols that a client offers it takes.
int choose_protocol(
    SSL*,
    const unsigned char** chosen,
    unsigned char* size,
    const unsigned char* offered,
    unsigned int offered_size,
    void* context
) {
    const std::string& ours = static_cast<const tls_context*>(context)->protocols;
    unsigned char* found = nullptr;
    const int outcome = SSL_select_next_proto(
        &found, size, bytes_of(ours), static_cast<unsigned int>(ours.size()), offered, offered_size
    );
    if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

void require(const tls_context& in, tls::version oldest) {
    const int number = oldest == tls::version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    SSL_CTX_set_min_proto_version(in.get(), number);
}

}  // namespace

detail::tls_context::tls_context(const SSL_METHOD* method) : context_(SSL_CTX_new(method)) {
    if (!context_) throw_configuration("prepare TLS", take_openssl_reason());
    SSL_CTX* const made = context_.get();
    SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
    SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Without this OpenSSL would ask on the terminal.
    SSL_CTX_set_default_passwd_cb(made, [](char*, int, int, void*) { return 0; });
}

void detail::tls_context::read_trust() {
    const lock_guard guard(reading_);
    if (!lacks_trust()) return;
    ERR_clear_error();
    if (SSL_CTX_set_default_verify_paths(context_.get()) != 1)
        throw_configuration("read whom the system trusts", take_openssl_reason());
    set_lacks_trust(false);
}

void detail::tls_trust::load_now(const tls::client_context& of) {
    of.context_->read_trust();
}

task<> detail::tls_trust::load(tls::client_context of) {
    if (of.context_->lacks_trust()) co_await on(threads, load_now, of);
}

namespace tls {

client_context::client_context()
    : context_(std::make_shared<detail::tls_context>(TLS_client_method())) {
    SSL_CTX_set_verify(context_->get(), SSL_VERIFY_PEER, nullptr);
    context_->set_lacks_trust(true);
}

client_context& client_context::ca_file(const std::filesystem::path& file) {
    trust(*context_, file);
    context_->set_lacks_trust(false);
    SSL_CTX_set_verify(context_->get(), SSL_VERIFY_PEER, nullptr);
    return *this;
}

client_context& client_context::insecure_no_verification() {
    context_->set_lacks_trust(false);
    SSL_CTX_set_verify(context_->get(), SSL_VERIFY_NONE, nullptr);
    return *this;
}

client_context& client_context::alpn(std::initializer_list<std::string_view> protocols) {
    const std::string sent = as_sent(protocols);
    const auto size = static_cast<unsigned int>(sent.size());
    if (SSL_CTX_set_alpn_protos(context_->get(), bytes_of(sent), size) != 0)
        throw_configuration("offer protocols", detail::take_openssl_reason());
    return *this;
}

client_context& client_context::minimum_version(version oldest) {
    require(*context_, oldest);
    return *this;
}

client_context&
client_context::certificate(const std::filesystem::path& chain, const std::filesystem::path& key) {
    show(*context_, chain, key);
    return *this;
}

server_context::server_context(const std::filesystem::path& chain, const std::filesystem::path& key)
    : context_(std::make_shared<detail::tls_context>(TLS_server_method())) {
    // Without a name sessions that are resumed could not be told from those of other contexts, and
    // OpenSSL refuses them where clients show certificates.
    constexpr unsigned char name[] = "amphi";
    SSL_CTX_set_session_id_context(context_->get(), name, sizeof name - 1);
    // Tickets would come behind the handshake. A client that writes, and closes without having read
    // them, resets the connection by that, and with it loses what it has written.
    SSL_CTX_set_num_tickets(context_->get(), 0);
    show(*context_, chain, key);
}

server_context& server_context::alpn(std::initializer_list<std::string_view> protocols) {
    context_->protocols = as_sent(protocols);
    SSL_CTX_set_alpn_select_cb(context_->get(), choose_protocol, context_.get());
    return *this;
}

server_context& server_context::minimum_version(version oldest) {
    require(*context_, oldest);
    return *this;
}

server_context& server_context::client_ca_file(const std::filesystem::path& file) {
    trust(*context_, file);
    SSL_CTX_set_verify(context_->get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return *this;
}

}  // namespace tls
}  // namespace amphi
