// SPDX-License-Identifier: BSL-1.0
#include "transfer_error.hpp"

#include <amphi/http/error.hpp>

#include "easy_options.hpp"

#include <cerrno>
#include <chrono>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include <openssl/x509_vfy.h>

namespace amphi::http::detail {

namespace {

std::string in_seconds(std::chrono::milliseconds length) {
    std::string text = std::to_string(length.count() / 1000);
    if (const auto rest = length.count() % 1000; rest != 0)
        text += "." + std::to_string(1000 + rest).substr(1);
    return text + " s";
}

std::string peer(const url& target) {
    return target.host() + " port " + std::to_string(target.port());
}

/// Whether the machine itself lacks what a connection needs.
bool is_local(long error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

std::pair<failure, std::string>
connect_failure(CURL* easy, const request& what, const url& target) {
    long error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
    const std::string why = error != 0 ? std::generic_category().message(static_cast<int>(error))
                                       : std::string("nobody answers");
    if (error == EMFILE)
        return {failure::local, "no descriptor is left for a connection: raise `ulimit -n`"};
    return {
        is_local(error) ? failure::local : failure::connect,
        "connect to " + (goes_through_proxy(what, target) ? "the proxy" : peer(target)) + ": " + why
    };
}

/// Whether the certificate is good, but for nobody who is trusted having signed it.
bool is_untrusted(CURL* easy) noexcept {
    long result = 0;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
    switch (result) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return true;
    default:
        return false;
    }
}

std::string short_body(const response_head& head, std::uint64_t body_bytes) {
    const std::string got = "the connection ended after " + std::to_string(body_bytes);
    const auto announced = head.content_length();
    return announced ? got + " of " + std::to_string(*announced) + " bytes"
                     : got + " bytes, before the end";
}

std::pair<failure, std::string> describe(
    CURLcode code,
    CURL* easy,
    std::string words,
    const request& what,
    const url& target,
    const response_head& head,
    std::uint64_t body_bytes
) {
    switch (code) {
    case CURLE_URL_MALFORMAT:
        return {failure::bad_url, std::move(words)};
    case CURLE_COULDNT_RESOLVE_HOST:
        return {failure::name_not_found, std::move(words)};
    case CURLE_COULDNT_RESOLVE_PROXY:
        // libcurl's words may have the proxy's password in them.
        return {failure::proxy, "the proxy's address is not understood, or its host not found"};
    case CURLE_COULDNT_CONNECT:
        return connect_failure(easy, what, target);
    case CURLE_OPERATION_TIMEDOUT:
        return {
            failure::connect_timeout,
            "no connection to " + peer(target) + " within " + in_seconds(what.connect_timeout())
        };
    case CURLE_PEER_FAILED_VERIFICATION:
        return {is_untrusted(easy) ? failure::untrusted : failure::certificate, std::move(words)};
    case CURLE_SSL_CACERT_BADFILE:
        return {failure::ca_file, std::move(words)};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
        return {failure::tls, std::move(words)};
    case CURLE_PARTIAL_FILE:
        return {failure::short_body, short_body(head, body_bytes)};
    case CURLE_GOT_NOTHING:
        return {failure::connection_lost, "the server closed the connection without an answer"};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return {failure::connection_lost, "the connection was lost: " + words};
    default:
        return {failure::bad_response, std::move(words)};
    }
}

}  // namespace

std::exception_ptr error_of(
    CURLcode code,
    CURL* easy,
    const char* words,
    const request& what,
    const url& target,
    const response_head& head,
    std::uint64_t body_bytes
) {
    if (code == CURLE_OUT_OF_MEMORY) return std::make_exception_ptr(std::bad_alloc());
    std::string said = *words != '\0' ? words : curl_easy_strerror(code);
    auto [kind, cause] = describe(code, easy, std::move(said), what, target, head, body_bytes);
    return std::make_exception_ptr(fetch_error(kind, target.without_secrets(), std::move(cause)));
}

std::exception_ptr stall_error(const request& what, const url& target) {
    return std::make_exception_ptr(fetch_error(
        failure::stalled,
        target.without_secrets(),
        "no byte came for " + in_seconds(what.stall_timeout())
    ));
}

}  // namespace amphi::http::detail
