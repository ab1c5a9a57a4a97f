// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>

#include <string>

namespace amphi::fetch {

/// What those URLs have in common that go to the same server: scheme, host and port.
[[nodiscard]] inline std::string host_key(const http::url& of) {
    return of.scheme() + "://" + of.host() + ":" + std::to_string(of.port());
}

}  // namespace amphi::fetch
