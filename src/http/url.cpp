// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/url.hpp>

#include <amphi/http/error.hpp>

#include "curl.hpp"
#include "plain_url.hpp"

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

bool is_ascii(const std::string& text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
}

/// An international name as resolvers and certificates know it.
std::string in_ascii(CURLU* parsed, const std::string& text) {
    char* value = nullptr;
    const CURLUcode code = curl_url_get(parsed, CURLUPART_HOST, &value, CURLU_PUNYCODE);
    const curl_text owner(value);
    // Needs a locale of UTF-8.
    if (code != CURLUE_OK) refuse(text, "its host has no form in ASCII here: write it as xn--...");
    return value;
}

bool is_address(const std::string& host) noexcept {
    in6_addr ignored{};
    return inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// What is wrong with a text that was meant as a URL; null: it is now in `into`.
const char* parse(const std::string& text, CURLU* into) {
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string::npos) return "no URL: it must begin with https://";
    // What parsers of URLs read in different ways is refused, so that whoever checked a URL before
    // us has seen the same host.
    if (text.find('\\') != std::string::npos) return "a URL has no backslash";
    const std::string scheme = lower(text.substr(0, scheme_end));
    if (scheme != "http" && scheme != "https") return "neither an http nor an https URL";
    if (text.compare(scheme_end, 4, ":///") == 0) return "no host in the URL";
    const CURLUcode code =
        curl_url_set(into, CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    return code == CURLUE_OK ? nullptr : curl_url_strerror(code);
}

curl_url_handle empty_url() {
    curl_url_handle made(curl_url());
    if (!made) throw std::bad_alloc();
    return made;
}

curl_url_handle parse(const std::string& text) {
    curl_url_handle parsed = empty_url();
    if (const char* const why = parse(text, parsed.get())) refuse(text, why);
    return parsed;
}

bool is_url(const std::string& text) {
    return detail::parse_plain(text) || parse(text, empty_url().get()) == nullptr;
}

/// Wherever they stand in a parameter's name.
constexpr std::array<std::string_view, 15> secret_words{
    "token",
    "key",
    "sig",
    "secret",
    "pass",
    "pwd",
    "auth",
    "cred",
    "jwt",
    "sess",
    "hmac",
    "bearer",
    "ticket",
    "cookie",
    "login"
};
/// Too short for that: "code" is no part of "encoding". They are the name, or its last word.
constexpr std::array<std::string_view, 6> secret_endings{"code", "sid", "otp", "pin", "pw", "mac"};

bool sounds_secret(std::string_view name) {
    // Who writes a name with escapes is not read here.
    if (name.find('%') != std::string_view::npos) return true;
    const std::string lowered = lower(std::string(name));
    const std::size_t last = lowered.find_last_of("_-.");
    const std::string_view ending =
        std::string_view(lowered).substr(last == std::string::npos ? 0 : last + 1);
    return std::find(secret_endings.begin(), secret_endings.end(), ending) !=
               secret_endings.end() ||
           std::any_of(secret_words.begin(), secret_words.end(), [&](std::string_view word) {
               return lowered.find(word) != std::string::npos;
           });
}

void mask_url(std::string& shown) {
    shown.resize(std::min(shown.find('#'), shown.size()));
    const std::size_t authority = shown.find("//");
    if (authority != std::string::npos) {
        const std::size_t end = std::min(shown.find_first_of("/?", authority + 2), shown.size());
        const std::size_t at = shown.rfind('@', end);
        if (at != std::string::npos && at > authority)
            shown.erase(authority + 2, at - authority - 1);
    }
    std::size_t name = shown.find('?');
    while (name < shown.size()) {
        ++name;
        std::size_t end = std::min(shown.find_first_of("&;", name), shown.size());
        const std::size_t equals = shown.find('=', name);
        if (equals < end && sounds_secret(std::string_view(shown).substr(name, equals - name))) {
            shown.replace(equals + 1, end - equals - 1, "***");
            end = equals + 4;
        }
        name = end;
    }
}

/// In what is no URL a password may have any character, and stand anywhere.
void mask_password(std::string& shown) {
    std::size_t colon = shown.find(':');
    if (colon != std::string::npos && shown.compare(colon, 3, "://") == 0)
        colon = shown.find(':', colon + 1);
    const std::size_t at = shown.rfind('@');
    if (colon == std::string::npos || at == std::string::npos || at < colon) return;
    shown.replace(colon + 1, at - colon - 1, "***");
}

}  // namespace

url::url(const std::string& text) : text_(text) {
    if (const auto plain = detail::parse_plain(text)) {
        scheme_ = plain->scheme;
        host_ = plain->host;
        path_ = plain->path;
        port_ = plain->port;
        has_address_ = plain->has_address;
        return;
    }
    const curl_url_handle parsed = parse(text);
    scheme_ = lower(part(parsed.get(), CURLUPART_SCHEME));
    host_ = lower(part(parsed.get(), CURLUPART_HOST));
    if (!is_ascii(host_)) host_ = lower(in_ascii(parsed.get(), text));
    if (host_.size() > 2 && host_.front() == '[') host_ = host_.substr(1, host_.size() - 2);
    has_address_ = is_address(host_);
    path_ = part(parsed.get(), CURLUPART_PATH);
    const std::string port = part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    std::from_chars(port.data(), port.data() + port.size(), port_);
}

std::string url::without_secrets() const {
    std::string shown = text_;
    mask_url(shown);
    return shown;
}

url url::resolve(const std::string& reference) const {
    const curl_url_handle base = parse(text_);
    const curl_url_handle parsed(curl_url_dup(base.get()));
    if (!parsed) throw std::bad_alloc();
    const CURLUcode code = curl_url_set(
        parsed.get(), CURLUPART_URL, reference.c_str(), CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE
    );
    if (code != CURLUE_OK) refuse(reference, curl_url_strerror(code));
    url to(part(parsed.get(), CURLUPART_URL));
    // A reference has no user of its own, as a rule, and its origin knows ours already.
    const std::string user = part(base.get(), CURLUPART_USER);
    if (user.empty() || !to.same_origin(*this) || !part(parsed.get(), CURLUPART_USER).empty())
        return to;
    const std::string password = part(base.get(), CURLUPART_PASSWORD);
    curl_url_set(parsed.get(), CURLUPART_USER, user.c_str(), 0);
    curl_url_set(parsed.get(), CURLUPART_PASSWORD, password.c_str(), 0);
    return url(part(parsed.get(), CURLUPART_URL));
}

std::string without_secrets(std::string_view text) {
    std::string shown(text);
    if (!is_url(shown)) mask_password(shown);
    mask_url(shown);
    return shown;
}

}  // namespace amphi::http
