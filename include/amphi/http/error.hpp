// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace amphi::http {

/// What kind of thing went wrong, for those who decide what to do about it.
enum class failure : std::uint8_t {
    bad_url,          ///< not a URL, or neither http nor https
    name_not_found,   ///< the host's name does not resolve
    name_lookup,      ///< nobody could be asked for the host's address
    connect,          ///< nobody answered, or refused
    connect_timeout,  ///< no connection within the request's limit
    tls,              ///< no secure connection: protocol, cipher
    untrusted,        ///< no authority that is trusted has signed the server's certificate
    certificate,      ///< the server's certificate is another host's, or not valid now
    ca_file,          ///< the request's `ca_file` has no certificates
    stalled,          ///< no byte for the request's limit
    connection_lost,  ///< reset or closed before the answer was complete
    short_body,       ///< fewer bytes than the server announced
    bad_response,     ///< not HTTP, or beyond a limit
    redirect,         ///< a redirect that is not followed: too many, or to where it may not go
    local,            ///< this machine could not do it: memory, descriptors
    proxy             ///< the proxy's address is none, or its host's name does not resolve
};

/// Thrown when a URL could not be fetched. An answer of the server is none of these, whatever its
/// status: look at `response_head::status`.
class AMPHI_EXPORT fetch_error : public std::runtime_error {
public:
    /// `url` without secrets.
    fetch_error(failure kind, const std::string& url, std::string cause);
    fetch_error(const fetch_error&) = default;
    fetch_error& operator=(const fetch_error&) = default;
    ~fetch_error() override;

    [[nodiscard]] failure kind() const noexcept { return kind_; }

    /// What went wrong; `what()` is the URL and this.
    [[nodiscard]] const std::string& cause() const noexcept { return cause_; }

    /// Whether the same request may succeed a little later.
    [[nodiscard]] bool temporary() const noexcept;

private:
    failure kind_;
    std::string cause_;
};

}  // namespace amphi::http
