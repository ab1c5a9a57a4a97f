// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/lock.hpp>

#include <atomic>
#include <memory>
#include <string>

#include <openssl/ssl.h>
#include <openssl/types.h>

namespace amphi::detail {

struct free_tls_context {
    void operator()(SSL_CTX* owned) const noexcept { SSL_CTX_free(owned); }
};

/// What the connections of a context share. OpenSSL's part counts its own references; the rest is
/// why a session keeps this alive.
class tls_context {
public:
    /// Of a client or a server. Throws `tls_error`.
    explicit tls_context(const SSL_METHOD* method);
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context() = default;

    [[nodiscard]] SSL_CTX* get() const noexcept { return context_.get(); }

    /// Whether the system's authorities are trusted and still to be read; `read_trust` does that,
    /// and blocks. Threads: any.
    [[nodiscard]] bool lacks_trust() const noexcept {
        return lacks_trust_.load(std::memory_order_acquire);  // sync: tls.trust
    }
    void read_trust();
    /// While it is set up.
    void set_lacks_trust(bool lacks) noexcept {
        lacks_trust_.store(lacks, std::memory_order_release);  // sync: tls.trust
    }

    std::string protocols;  // as ALPN sends them: each behind its length

private:
    std::unique_ptr<SSL_CTX, free_tls_context> context_;
    lock reading_;  // by one of those whose connection is the first
    // True from when a client's context is made until it has been told whom else to trust, or has
    // read whom the system does.
    atomic<bool> lacks_trust_{false};
};

}  // namespace amphi::detail
