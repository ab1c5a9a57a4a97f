// SPDX-License-Identifier: BSL-1.0
#include "openssl_error.hpp"

#include <string>
#include <system_error>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace amphi::detail {

std::string take_openssl_reason() {
    const unsigned long code = ERR_peek_error();
    ERR_clear_error();
    if (code == 0) return "for no reason that OpenSSL tells";
    if (ERR_SYSTEM_ERROR(code)) return std::system_category().message(ERR_GET_REASON(code));
    const char* const words = ERR_reason_error_string(code);
    std::string reason = words != nullptr ? words : "error " + std::to_string(code);
    const int number = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    if (number == SSL_R_WRONG_VERSION_NUMBER || number == SSL_R_HTTP_REQUEST)
        reason += " (the peer does not seem to speak TLS)";
    return reason;
}

}  // namespace amphi::detail
