// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>

#include "sha256.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace amphi::fetch {

/// One file to download: from where, to which name, and what is known of it beforehand.
class wanted_file {
public:
    explicit wanted_file(http::url url, std::string file_name = {})
        : from(std::move(url))
        , name(std::move(file_name)) {}

    http::url from;
    std::string name;
    std::optional<std::uint64_t> size;
    std::optional<sha256_digest> sha256;
};

}  // namespace amphi::fetch
