// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include "support/loopback_listener.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace amphi::testing {

/// A certificate that has signed itself, with its key.
class certificate {
public:
    /// `names` as in a subjectAltName: "DNS:host" or "IP:127.0.0.1". It is valid from an hour ago,
    /// for so many seconds from now; negative: it was.
    certificate(const char* names, long valid_for) : key_(EVP_EC_gen("P-256")), text_(X509_new()) {
        X509* const x = text_.get();
        X509_set_version(x, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
        X509_gmtime_adj(X509_getm_notBefore(x), -3600);
        X509_gmtime_adj(X509_getm_notAfter(x), valid_for);
        X509_set_pubkey(x, key_.get());
        X509_NAME* const name = X509_get_subject_name(x);
        const auto* const common = reinterpret_cast<const unsigned char*>("test");
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
        X509_set_issuer_name(x, name);
        X509_EXTENSION* const alternatives =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
        EXPECT_EQ(X509_add_ext(x, alternatives, -1), 1);
        X509_EXTENSION_free(alternatives);
        EXPECT_NE(X509_sign(x, key_.get(), EVP_sha256()), 0);
    }

    [[nodiscard]] EVP_PKEY* key() const noexcept { return key_.get(); }
    [[nodiscard]] X509* text() const noexcept { return text_.get(); }

    void write_to(const std::string& path) const {
        std::FILE* const file = std::fopen(path.c_str(), "w");
        ASSERT_NE(file, nullptr);
        EXPECT_EQ(PEM_write_X509(file, text_.get()), 1);
        std::fclose(file);
    }

private:
    struct free_key {
        void operator()(EVP_PKEY* owned) const noexcept { EVP_PKEY_free(owned); }
    };
    struct free_text {
        void operator()(X509* owned) const noexcept { X509_free(owned); }
    };

    std::unique_ptr<EVP_PKEY, free_key> key_;
    std::unique_ptr<X509, free_text> text_;
};

struct free_context {
    void operator()(SSL_CTX* owned) const noexcept { SSL_CTX_free(owned); }
};
struct free_session {
    void operator()(SSL* owned) const noexcept { SSL_free(owned); }
};

/// Answers each request on 127.0.0.1 with "hello", over TLS, and one connection after the other.
class tls_server {
public:
    explicit tls_server(const certificate& shown, int newest_protocol = TLS1_3_VERSION)
        : context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_set_security_level(context_.get(), 0);  // Old protocols too.
        SSL_CTX_set_max_proto_version(context_.get(), newest_protocol);
        EXPECT_EQ(SSL_CTX_use_certificate(context_.get(), shown.text()), 1);
        EXPECT_EQ(SSL_CTX_use_PrivateKey(context_.get(), shown.key()), 1);
        url_ = "https://127.0.0.1:" + std::to_string(listener_.port()) + "/";
        acceptor_ = std::thread([this] { serve(); });
    }
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;
    ~tls_server() {
        listener_.end();
        acceptor_.join();
    }

    [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
    void serve() const {
        constexpr std::string_view answer =
            "HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
        for (;;) {
            const descriptor client = listener_.accept();
            if (!client) return;
            const std::unique_ptr<SSL, free_session> session(SSL_new(context_.get()));
            SSL_set_fd(session.get(), client.get());
            // A client that does not trust us has gone.
            if (SSL_accept(session.get()) != 1) continue;
            char request[4096];
            if (SSL_read(session.get(), request, sizeof request) <= 0) continue;
            SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
            SSL_shutdown(session.get());
        }
    }

    std::unique_ptr<SSL_CTX, free_context> context_;
    loopback_listener listener_;
    std::string url_;
    std::thread acceptor_;
};

}  // namespace amphi::testing
