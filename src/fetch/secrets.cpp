// SPDX-License-Identifier: BSL-1.0
#include "secrets.hpp"

#include <amphi/base/descriptor.hpp>

#include "netrc.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <openssl/evp.h>
#include <strings.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

constexpr std::size_t file_bytes_max = std::size_t{4} << 20;

std::string base64(std::string_view text) {
    std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(encoded.data()),
        reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size())
    );
    encoded.resize(static_cast<std::size_t>(size));
    return encoded;
}

/// `name` in lower case, with its colon.
bool has_header(const http::request& what, std::string_view name) {
    const auto& lines = what.headers();
    return std::any_of(lines.begin(), lines.end(), [name](const std::string& line) {
        return line.size() >= name.size() &&
               ::strncasecmp(line.data(), name.data(), name.size()) == 0;
    });
}

/// Whether a request says already who we are.
bool has_authorization(const http::request& what, const http::url& to) {
    const std::string& text = to.text();
    const std::size_t authority = text.find("//") + 2;
    const std::size_t end = std::min(text.find_first_of("/?#", authority), text.size());
    if (std::string_view(text).substr(authority, end - authority).find('@') !=
        std::string_view::npos)
        return true;
    return has_header(what, "authorization:");
}

[[noreturn]] void refuse_file(const std::string& path) {
    throw std::invalid_argument("read " + path + ": " + std::generic_category().message(errno));
}

}  // namespace

void secrets::add(std::string_view host, std::string line) {
    authorization one;
    const std::size_t colon = host.rfind(':');
    // An IPv6 address has colons of its own, and stands in brackets when a port follows.
    const bool has_port = colon != std::string_view::npos &&
                          (host.find(':') == colon || host.substr(0, colon).ends_with(']'));
    if (has_port) {
        const std::string_view digits = host.substr(colon + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), one.port);
        if (error != std::errc() || end != digits.data() + digits.size() || one.port == 0)
            throw std::invalid_argument("a host is written as example.org or example.org:8080");
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty() || host.find_first_of("/@ ") != std::string_view::npos)
        throw std::invalid_argument("a host is written as example.org or example.org:8080");
    one.host = host;
    for (char& c : one.host)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    // Checks that it is a line, which is the caller's fault and not each URL's.
    http::request("http://host/").header(line);
    one.line = std::move(line);
    all_.push_back(std::move(one));
}

void secrets::add_bearer(std::string_view host, std::string_view token) {
    add(host, "Authorization: Bearer " + std::string(token));
}

void secrets::add_basic(std::string_view host, std::string_view login) {
    if (login.find(':') == std::string_view::npos)
        throw std::invalid_argument("a login is written as user:password");
    add(host, "Authorization: Basic " + base64(login));
}

void secrets::add_netrc(std::string_view text) {
    for (const netrc_entry& entry : parse_netrc(text)) {
        authorization one;
        one.host = entry.machine;
        one.any_port = true;
        one.line = "Authorization: Basic " + base64(entry.login + ':' + entry.password);
        all_.push_back(std::move(one));
    }
}

const secrets::authorization* secrets::find(const http::url& to) const noexcept {
    const std::uint16_t usual = to.is_secure() ? 443 : 80;
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const authorization& one) {
        const std::uint16_t port = one.port == 0 ? usual : one.port;
        return one.host == to.host() && (one.any_port || port == to.port());
    });
    return found == all_.end() ? nullptr : &*found;
}

void secrets::add_to(http::request& what, const http::url& to) const {
    if (const authorization* const one = find(to); one != nullptr && !has_authorization(what, to))
        what.header(one->line);
    if (has_header(what, "cookie:")) return;
    const std::string cookies = cookies_.value_for(to, std::chrono::system_clock::now());
    if (!cookies.empty()) what.header("Cookie: " + cookies);
}

std::string read_small_file(const std::string& path) {
    const descriptor from(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!from) refuse_file(path);
    std::string text;
    char piece[16384];
    for (;;) {
        const ssize_t count = ::read(from.get(), piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse_file(path);
        if (count == 0) return text;
        text.append(piece, static_cast<std::size_t>(count));
        if (text.size() > file_bytes_max) throw std::invalid_argument(path + " is too large");
    }
}

std::string read_secret(std::string_view source) {
    std::string text;
    if (source.starts_with("env:")) {
        const std::string name(source.substr(4));
        // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets the environment
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) throw std::invalid_argument("the environment has no " + name);
        text = value;
    } else if (source.starts_with("file:")) {
        text = read_small_file(std::string(source.substr(5)));
        text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    } else {
        throw std::invalid_argument(
            "a secret is not for the command line, where others see it: name env:NAME or file:PATH"
        );
    }
    if (text.empty()) throw std::invalid_argument(std::string(source) + " is empty");
    return text;
}

}  // namespace amphi::fetch
