// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/error.hpp>
#include <amphi/http/url.hpp>

#include "curl.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <memory>
#include <new>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace amphi::http {

namespace {

using detail::curl_text;
using detail::curl_url_handle;

[[noreturn]] void refuse(const std::string& text, const char* why) {
    throw fetch_error(failure::bad_url, without_secrets(text), why);
}

std::string part(CURLU* parsed, CURLUPart which, unsigned flags = 0) {
    char* value = nullptr;
    const CURLUcode code = curl_url_get(parsed, which, &value, flags);
    const curl_text owner(value);
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    return code == CURLUE_OK ? std::string(value) : std::string();
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return lower(c); });
    return text;
}

bool is_address(const std::string& host) noexcept {
    in6_addr ignored{};
    return inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

curl_url_handle parse(const std::string& text) {
    curl_url_handle parsed(curl_url());
    if (!parsed) throw std::bad_alloc();
    if (text.find("://") == std::string::npos) refuse(text, "no URL: it must begin with https://");
    const CURLUcode code =
        curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    if (code != CURLUE_OK) refuse(text, curl_url_strerror(code));
    return parsed;
}

constexpr std::array<std::string_view, 8> secret_words{
    "token", "key", "sig", "secret", "pass", "pwd", "auth", "cred"
};

bool sounds_secret(std::string_view name) {
    const std::string lowered = lower(std::string(name));
    return std::any_of(secret_words.begin(), secret_words.end(), [&lowered](std::string_view word) {
        return lowered.find(word) != std::string::npos;
    });
}

}  // namespace

url::url(const std::string& text) : text_(text) {
    const curl_url_handle parsed = parse(text);
    scheme_ = lower(part(parsed.get(), CURLUPART_SCHEME));
    if (scheme_ != "http" && scheme_ != "https") refuse(text, "neither an http nor an https URL");
    // As the resolver and the certificate know it; a name that has no such form stays as it is.
    host_ = lower(part(parsed.get(), CURLUPART_HOST, CURLU_PUNYCODE));
    if (host_.empty()) host_ = lower(part(parsed.get(), CURLUPART_HOST));
    if (host_.size() > 2 && host_.front() == '[') host_ = host_.substr(1, host_.size() - 2);
    has_address_ = is_address(host_);
    path_ = part(parsed.get(), CURLUPART_PATH);
    const std::string port = part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    std::from_chars(port.data(), port.data() + port.size(), port_);
}

std::string url::without_secrets() const {
    return http::without_secrets(text_);
}

url url::resolve(const std::string& reference) const {
    const curl_url_handle parsed = parse(text_);
    const CURLUcode code = curl_url_set(
        parsed.get(), CURLUPART_URL, reference.c_str(), CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE
    );
    if (code != CURLUE_OK) refuse(reference, curl_url_strerror(code));
    return url(part(parsed.get(), CURLUPART_URL));
}

std::string without_secrets(std::string_view text) {
    std::string shown(text);
    const std::size_t authority = shown.find("//");
    if (authority != std::string::npos) {
        const std::size_t end = std::min(shown.find_first_of("/?#", authority + 2), shown.size());
        const std::size_t at = shown.rfind('@', end);
        if (at != std::string::npos && at > authority)
            shown.erase(authority + 2, at - authority - 1);
    }
    std::size_t name = shown.find('?');
    while (name != std::string::npos && name < shown.size()) {
        ++name;
        const std::size_t end = std::min(shown.find_first_of("&;#", name), shown.size());
        const std::size_t equals = shown.find('=', name);
        std::size_t next = end;
        if (equals < end && sounds_secret(std::string_view(shown).substr(name, equals - name))) {
            shown.replace(equals + 1, end - equals - 1, "***");
            next = equals + 4;
        }
        name = next < shown.size() && shown[next] != '#' ? next : std::string::npos;
    }
    return shown;
}

}  // namespace amphi::http
