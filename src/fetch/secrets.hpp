// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/request.hpp>
#include <amphi/http/url.hpp>

#include "cookie_file.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace amphi::fetch {

/// Who we are to whom: each secret is for one host, and goes nowhere else, neither to another host
/// of the list nor, after a redirect, to another scheme, host or port.
///
/// Threads: any, once it is filled. Errors: `std::invalid_argument`, repeating no secret.
class secrets {
public:
    /// For a host as in `example.org` (on the usual ports) or `example.org:8080`.
    void add_bearer(std::string_view host, std::string_view token);
    /// `login`: as `user:password`.
    void add_basic(std::string_view host, std::string_view login);
    /// The text of a .netrc file: for its machines on any port.
    void add_netrc(std::string_view text);
    /// The text of a file of cookies.
    void add_cookies(std::string_view text) { cookies_.add(text); }

    /// Adds to a request what its host wants to know. An authorization in the URL, or one that the
    /// request has already, is the one.
    void add_to(http::request& what, const http::url& to) const;

private:
    struct authorization {
        std::string host;
        std::uint16_t port = 0;  // zero: the scheme's usual one
        bool any_port = false;
        std::string line;
    };

    [[nodiscard]] const authorization* find(const http::url& to) const noexcept;
    void add(std::string_view host, std::string line);

    std::vector<authorization> all_;
    cookie_file cookies_;
};

/// What `SOURCE` names: the first line of `file:PATH`, or the value of `env:NAME`. Throws
/// `std::invalid_argument`, which repeats no secret that was written in its place.
[[nodiscard]] std::string read_secret(std::string_view source);

/// All of a small file. Throws `std::invalid_argument`, naming it.
[[nodiscard]] std::string read_small_file(const std::string& path);

}  // namespace amphi::fetch
