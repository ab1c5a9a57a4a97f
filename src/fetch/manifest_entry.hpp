// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>

#include "sha256.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amphi::fetch {

/// What is remembered of a file that was downloaded: one line of a manifest, an object of JSON.
class manifest_entry {
public:
    std::string key;   ///< whose file it is, as `manifest_key` says
    std::string path;  ///< below the manifest's folder
    std::uint64_t size = 0;
    std::string etag;           ///< as the server sent it; empty: none
    std::string last_modified;  ///< the same
    std::optional<sha256_digest> sha256;
};

/// What a URL is known by: itself, or, when it has secrets, itself without them and its hash.
[[nodiscard]] std::string manifest_key(const http::url& from);

/// With its line break. What cannot be said in JSON without loss is left out of it; nothing when
/// that is the path.
[[nodiscard]] std::optional<std::string>
to_line(const manifest_entry& entry, std::chrono::system_clock::time_point now);

/// Nothing when the line is damaged.
[[nodiscard]] std::optional<manifest_entry> parse_manifest_line(std::string_view line);

}  // namespace amphi::fetch
