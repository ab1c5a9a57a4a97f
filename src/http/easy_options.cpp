// SPDX-License-Identifier: BSL-1.0
#include "easy_options.hpp"

#include <amphi/version.hpp>

#include <cstdlib>
#include <new>
#include <string>

namespace amphi::http::detail {

namespace {

#define AMPHI_TEXT(x) #x
#define AMPHI_TEXT_OF(x) AMPHI_TEXT(x)
constexpr const char* user_agent = "amphi/" AMPHI_TEXT_OF(AMPHI_VERSION_MAJOR
) "." AMPHI_TEXT_OF(AMPHI_VERSION_MINOR) "." AMPHI_TEXT_OF(AMPHI_VERSION_PATCH);
#undef AMPHI_TEXT_OF
#undef AMPHI_TEXT

void set_text(CURL* easy, CURLoption option, const std::string& value) {
    if (curl_easy_setopt(easy, option, value.c_str()) == CURLE_OUT_OF_MEMORY)
        throw std::bad_alloc();
}

bool names_proxy(const char* variable) noexcept {
    const char* const value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

}  // namespace

void set_options(CURL* easy, const request& what, const url& target) {
    curl_easy_reset(easy);
    // No signal handler for time limits, and no wait for a name lookup that nobody wants any more.
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    // What is allowed is decided here too, should a check elsewhere fail.
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    // The proxy's answer to CONNECT is not the server's.
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    set_text(easy, CURLOPT_USERAGENT, user_agent);
    set_text(easy, CURLOPT_URL, target.text());

    if (what.is_head_only()) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (what.range_from()) set_text(easy, CURLOPT_RANGE, std::to_string(*what.range_from()) + "-");
    const auto connect_timeout = static_cast<long>(what.connect_timeout().count());
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout);
    if (!target.is_secure() || what.protocol() == version::http1) {
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
        // Waits for a connection that may turn out to carry many, instead of opening one more.
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    }
    if (!target.is_secure()) return;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, what.is_insecure() ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, what.is_insecure() ? 0L : 2L);
    if (!what.ca_file().empty()) {
        set_text(easy, CURLOPT_CAINFO, what.ca_file());
        curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    }
}

bool goes_through_proxy(const url& target) noexcept {
    // The names that libcurl knows. HTTP_PROXY is none of them: a CGI's client could set it.
    if (names_proxy("all_proxy") || names_proxy("ALL_PROXY")) return true;
    if (!target.is_secure()) return names_proxy("http_proxy");
    return names_proxy("https_proxy") || names_proxy("HTTPS_PROXY");
}

}  // namespace amphi::http::detail
