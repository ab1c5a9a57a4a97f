// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace amphi::tls {

/// What kind of thing went wrong, for those who decide what to do about it.
enum class failure : std::uint8_t {
    untrusted,      ///< no authority that is trusted has signed the peer's certificate
    not_valid_now,  ///< it has expired, or is not valid yet
    wrong_host,     ///< it is another host's
    certificate,    ///< something else is wrong with it, or there is none
    protocol,       ///< the peer speaks no TLS, none that both know, or refuses us: see the reason
    truncated,      ///< the connection ended without the peer having said so: bytes may be missing
    configuration   ///< of this side: a file that cannot be read, a key of another certificate
};

/// Thrown by what is TLS's own; what happens to the connection below it, a reset for one, is that
/// one's `std::system_error`.
class AMPHI_EXPORT tls_error : public std::runtime_error {
public:
    /// `operation` with whom it was done: "TLS handshake with example.org".
    tls_error(failure kind, const std::string& operation, std::string reason);
    tls_error(const tls_error&) = default;
    tls_error& operator=(const tls_error&) = default;
    ~tls_error() override;

    [[nodiscard]] failure kind() const noexcept { return kind_; }

    /// Why, in the words of OpenSSL; `what()` is the operation and this.
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
    failure kind_;
    std::string reason_;
};

}  // namespace amphi::tls
