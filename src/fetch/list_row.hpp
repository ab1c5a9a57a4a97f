// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "sha256.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amphi::fetch {

/// How the rows of a list are written.
enum class row_format : std::uint8_t {
    any,   ///< each row as it looks: an object, fields with tabs between them, or a URL
    urls,  ///< a URL
    tsv,   ///< URL, path, size, SHA-256, with a tab between them; all but the first may be missing
    json   ///< an object with `url`, `path`, `size`, `sha256`; others are left alone
};

/// What one row of a list asks for.
class list_row {
public:
    std::string url;
    std::string path;  ///< below the output folder; empty: from the URL
    std::optional<std::uint64_t> size;
    std::optional<sha256_digest> sha256;

    /// Whether it says more than a URL.
    [[nodiscard]] bool has_more() const noexcept { return !path.empty() || size || sha256; }
};

/// Throws `std::invalid_argument` for what is no row of that format.
[[nodiscard]] list_row parse_row(std::string_view line, row_format format);

/// A line that is read as the same row in that format: a URL alone where that is all and may be.
[[nodiscard]] std::string to_text(const list_row& row, row_format format = row_format::any);

}  // namespace amphi::fetch
