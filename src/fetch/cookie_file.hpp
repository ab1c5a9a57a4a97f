// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace amphi::fetch {

/// The cookies of a file as browsers and curl export it (Netscape's): seven fields a line, with
/// tabs between them. They are sent as they are; what servers set meanwhile is not kept.
class cookie_file {
public:
    cookie_file() = default;
    /// As `add`.
    explicit cookie_file(std::string_view text) { add(text); }

    /// The cookies of one more file. Throws `std::invalid_argument`, naming the line and repeating
    /// nothing of it.
    void add(std::string_view text);

    /// The value of the header field `Cookie` for a URL; empty: none is for it.
    [[nodiscard]] std::string
    value_for(const http::url& to, std::chrono::system_clock::time_point now) const;

private:
    struct cookie {
        std::string domain;  // in lower case, without a dot before it
        bool with_subdomains = false;
        std::string path;
        bool only_secure = false;
        std::int64_t expires = 0;  // seconds since 1970; zero: never
        std::string pair;          // NAME=VALUE
    };

    void insert(cookie one);
    [[nodiscard]] static cookie parse(std::string_view line);
    [[nodiscard]] static bool is_for(const cookie& one, const http::url& to);

    std::vector<cookie> all_;  // those of longer paths first
};

}  // namespace amphi::fetch
