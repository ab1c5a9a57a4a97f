// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace amphi::http {

/// An absolute http or https URL, taken apart. A value.
///
/// Errors: what is not such a URL throws `fetch_error` with `failure::bad_url`.
class AMPHI_EXPORT url {
public:
    explicit url(const std::string& text);

    /// As it is requested, with user name and password if it has them: not for people's eyes.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    /// `http` or `https`.
    [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }
    /// In lower case; an IPv6 address without its brackets.
    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// From the first `/` on, still percent-encoded, without query and fragment.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    [[nodiscard]] bool is_secure() const noexcept { return scheme_.size() == 5; }
    /// Whether the host is an address, so that no name has to be resolved.
    [[nodiscard]] bool has_address() const noexcept { return has_address_; }

    /// As `http::without_secrets` of its text.
    [[nodiscard]] std::string without_secrets() const;

    /// Where a reference (a `Location`) leads from here.
    [[nodiscard]] url resolve(const std::string& reference) const;

    /// Whether scheme, host and port are the same.
    [[nodiscard]] bool same_origin(const url& other) const noexcept {
        return scheme_ == other.scheme_ && host_ == other.host_ && port_ == other.port_;
    }

private:
    std::string text_;
    std::string scheme_;
    std::string host_;
    std::string path_;
    std::uint16_t port_ = 0;
    bool has_address_ = false;
};

/// Any text that was meant as a URL, fit for people's eyes: without user name, password and
/// fragment, and with `***` for the value of each parameter whose name sounds like a secret (token,
/// key, session, ...). Where it is no URL, `***` is for all between a colon and the last `@`.
[[nodiscard]] AMPHI_EXPORT std::string without_secrets(std::string_view text);

}  // namespace amphi::http

template <>
inline constexpr bool amphi::enable_sendable<amphi::http::url> = true;
