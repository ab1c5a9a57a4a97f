// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include "support/certificate.hpp"
#include "support/loopback_listener.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

namespace amphi::testing {

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
