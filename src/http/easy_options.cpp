// SPDX-License-Identifier: BSL-1.0
#include "easy_options.hpp"

#include <amphi/base/environment.hpp>
#include <amphi/version.hpp>

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
    return amphi::detail::environment(variable) != nullptr;
}

}  // namespace

void set_common_options(CURL* easy) {
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
}

void set_options(CURL* easy, const request& what, const url& target) {
    // Every option is set that another request may have set otherwise. Those of TLS cannot all be
    // set back one by one; beside a handshake beginning anew is cheap. (Connections stay: they are
    // the multi handle's.)
    if (target.is_secure()) {
        curl_easy_reset(easy);
        set_common_options(easy);
    }
    set_text(easy, CURLOPT_URL, target.text());
    curl_easy_setopt(easy, CURLOPT_NOBODY, what.is_head_only() ? 1L : 0L);
    const std::string range =
        what.range_from() ? std::to_string(*what.range_from()) + "-" : std::string();
    if (range.empty())
        curl_easy_setopt(easy, CURLOPT_RANGE, nullptr);
    else
        set_text(easy, CURLOPT_RANGE, range);
    // Spares libcurl the search of the environment, which has no say where a proxy is given.
    const char* const with_proxy = what.proxy() ? "" : nullptr;
    curl_easy_setopt(easy, CURLOPT_NOPROXY, goes_through_proxy(what, target) ? with_proxy : "*");
    if (what.proxy() && !what.proxy()->empty())
        set_text(easy, CURLOPT_PROXY, *what.proxy());
    else
        curl_easy_setopt(easy, CURLOPT_PROXY, nullptr);
    const auto connect_timeout = static_cast<long>(what.connect_timeout().count());
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout);
    const bool multiplexes = target.is_secure() && what.protocol() != version::http1;
    curl_easy_setopt(
        easy, CURLOPT_HTTP_VERSION, multiplexes ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
    );
    // Waits for a connection that may turn out to carry many, instead of opening one more.
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, multiplexes ? 1L : 0L);
    if (!target.is_secure()) return;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, what.is_insecure() ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, what.is_insecure() ? 0L : 2L);
    if (!what.ca_file().empty()) {
        set_text(easy, CURLOPT_CAINFO, what.ca_file());
        curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    }
}

bool goes_through_proxy(const request& what, const url& target) noexcept {
    if (what.proxy()) return !what.proxy()->empty();
    // The names that libcurl knows. HTTP_PROXY is none of them: a CGI's client could set it.
    if (names_proxy("all_proxy") || names_proxy("ALL_PROXY")) return true;
    if (!target.is_secure()) return names_proxy("http_proxy");
    return names_proxy("https_proxy") || names_proxy("HTTPS_PROXY");
}

}  // namespace amphi::http::detail
