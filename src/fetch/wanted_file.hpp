// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>

#include "list_row.hpp"
#include "settings.hpp"
#include "sha256.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace amphi::fetch {

/// One file to download: from where, to which name, and what is known of it beforehand.
class wanted_file {
public:
    explicit wanted_file(http::url url, std::string file_name = {})
        : from(std::move(url))
        , name(std::move(file_name)) {}

    http::url from;
    std::string name;           ///< below the output folder
    bool has_own_name = false;  ///< not from its URL
    std::optional<std::uint64_t> size;
    std::optional<sha256_digest> sha256;
};

/// The file that a row of a list asks for. Throws `std::invalid_argument` for a name that is not
/// safe, `http::fetch_error` for what is no URL.
[[nodiscard]] wanted_file wanted_by(const settings& how, const list_row& row);

/// A row that asks for the same again.
[[nodiscard]] list_row row_of(const settings& how, const wanted_file& what);

/// Whether one of the patterns of names fits. One with a slash in it is for the whole path.
[[nodiscard]] bool is_accepted(const settings& how, const std::string& name);

}  // namespace amphi::fetch
