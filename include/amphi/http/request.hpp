// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace amphi::http {

/// Which HTTP is spoken: over https the newest that both know (up to HTTP/2), or 1.1 in any case.
enum class version : std::uint8_t { newest, http1 };

/// What to fetch, and within which limits. A limit on the whole is the caller's: `timeout(...)`.
class request {
public:
    using milliseconds = std::chrono::milliseconds;

    // NOLINTNEXTLINE(google-explicit-constructor): a URL is a request in most calls
    request(std::string url) : url_(std::move(url)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): a URL is a request in most calls
    request(const char* url) : url_(url) {}

    /// Asks for the head alone.
    request& head_only(bool only = true) noexcept {
        head_only_ = only;
        return *this;
    }
    /// Adds "Name: value". Throws `std::invalid_argument` when that is no header line. Sent to the
    /// URL's own scheme, host and port only, unless its name is known to carry no secret.
    AMPHI_EXPORT request& header(std::string line);

    /// Asks for the bytes from `offset` on, provided that the content is still what `validator` (an
    /// ETag or a date) names; an empty one makes no such condition. The answer may be the whole.
    request& range_from(std::uint64_t offset, std::string validator) {
        range_from_ = offset;
        validator_ = std::move(validator);
        return *this;
    }
    /// Asks for nothing, status 304, when the content is still what these name, as an earlier
    /// answer gave them: its ETag, or without one its `Last-Modified`. Both empty: no such
    /// condition. Throws `std::invalid_argument` when one cannot stand in a header line.
    AMPHI_EXPORT request& unless_still(std::string etag, std::string last_modified);
    /// How long the connection may take: name, TCP and TLS. 30 s by default. A wait for room on a
    /// connection that is shared does not count.
    request& connect_timeout(milliseconds limit) noexcept {
        connect_timeout_ = limit;
        return *this;
    }
    /// How long no byte may come, once the request is sent; zero: for ever. 60 s by default.
    request& stall_timeout(milliseconds limit) noexcept {
        stall_timeout_ = limit;
        return *this;
    }
    /// A file of certificates that are trusted instead of the system's.
    request& ca_file(std::string file) {
        ca_file_ = std::move(file);
        return *this;
    }
    /// Believes any certificate: anybody on the way can read and change what is fetched.
    request& insecure(bool believe_anybody = true) noexcept {
        insecure_ = believe_anybody;
        return *this;
    }
    /// Goes through this proxy (http, https or socks5), or, when it is empty, through none. Without
    /// it the environment says so: `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`.
    request& proxy(std::string url) {
        proxy_ = std::move(url);
        return *this;
    }
    /// Takes this address for a host and port instead of asking for one; the name is still what the
    /// certificate must have. Throws `std::invalid_argument` when it is no IP address.
    AMPHI_EXPORT request&
    resolve_to(const std::string& host, std::uint16_t port, const std::string& address);
    request& use(version v) noexcept {
        version_ = v;
        return *this;
    }
    /// How many redirects are followed; 10 by default.
    request& redirects_max(unsigned count) noexcept {
        redirects_max_ = count;
        return *this;
    }

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] bool is_head_only() const noexcept { return head_only_; }
    [[nodiscard]] const std::vector<std::string>& headers() const noexcept { return headers_; }
    [[nodiscard]] std::optional<std::uint64_t> range_from() const noexcept { return range_from_; }
    [[nodiscard]] const std::string& validator() const noexcept { return validator_; }
    [[nodiscard]] const std::string& known_etag() const noexcept { return known_etag_; }
    [[nodiscard]] const std::string& known_date() const noexcept { return known_date_; }
    [[nodiscard]] milliseconds connect_timeout() const noexcept { return connect_timeout_; }
    [[nodiscard]] milliseconds stall_timeout() const noexcept { return stall_timeout_; }
    [[nodiscard]] const std::string& ca_file() const noexcept { return ca_file_; }
    [[nodiscard]] bool is_insecure() const noexcept { return insecure_; }
    [[nodiscard]] const std::optional<std::string>& proxy() const noexcept { return proxy_; }
    /// The addresses for a host and port, with commas between them; empty: none was given.
    [[nodiscard]] AMPHI_EXPORT std::string
    addresses_for(const std::string& host, std::uint16_t port) const;
    [[nodiscard]] version protocol() const noexcept { return version_; }
    [[nodiscard]] unsigned redirects_max() const noexcept { return redirects_max_; }

private:
    std::string url_;
    std::vector<std::string> headers_;
    std::optional<std::uint64_t> range_from_;
    std::string validator_;
    std::string known_etag_;
    std::string known_date_;
    std::string ca_file_;
    std::optional<std::string> proxy_;
    std::vector<std::pair<std::string, std::string>> addresses_;  // of HOST:PORT
    milliseconds connect_timeout_ = std::chrono::seconds(30);
    milliseconds stall_timeout_ = std::chrono::seconds(60);
    unsigned redirects_max_ = 10;
    version version_ = version::newest;
    bool head_only_ = false;
    bool insecure_ = false;
};

}  // namespace amphi::http

template <>
inline constexpr bool amphi::enable_sendable<amphi::http::request> = true;
