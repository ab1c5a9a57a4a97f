// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/error.hpp>

#include <utility>

namespace amphi::http {

fetch_error::fetch_error(failure kind, const std::string& url, std::string cause)
    : std::runtime_error(url + ": " + cause)
    , kind_(kind)
    , cause_(std::move(cause)) {}

fetch_error::~fetch_error() = default;

bool fetch_error::temporary() const noexcept {
    switch (kind_) {
    case failure::name_lookup:
    case failure::connect:
    case failure::connect_timeout:
    case failure::stalled:
    case failure::connection_lost:
    case failure::short_body:
        return true;
    case failure::bad_url:
    case failure::name_not_found:
    case failure::tls:
    case failure::untrusted:
    case failure::certificate:
    case failure::ca_file:
    case failure::bad_response:
    case failure::redirect:
    case failure::local:
    case failure::proxy:
        return false;
    }
    return false;
}

}  // namespace amphi::http
