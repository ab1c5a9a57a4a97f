// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "status.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

namespace amphi::serve {

/// What a static server needs to know of a request. The views are into the head that was parsed;
/// an empty one: there was no such field.
struct request {
    enum class method : std::uint8_t { get, head };

    method verb = method::get;
    bool keep_alive = true;
    std::string_view target;
    std::string_view if_modified_since;
    std::string_view if_none_match;
    std::string_view if_range;
    std::string_view range;
};

/// Where the head of a request ends in what has been received, which may be more or less.
struct head_scan {
    enum class state : std::uint8_t { incomplete, complete, malformed };

    state found = state::incomplete;
    std::size_t size = 0;  ///< of a complete head, its empty line included
};

/// Looks for the end of a head. It refuses at once what servers in front of us and behind could
/// read in different ways: a line feed or a carriage return alone, a folded line, a NUL. `scanned`:
/// how much of it was scanned before, and found incomplete.
[[nodiscard]] head_scan scan_head(std::string_view received, std::size_t scanned = 0) noexcept;

/// Parses a complete head: a request to answer, or the status to refuse it with. After a refusal
/// the connection is of no more use: what follows may be the body of what was refused.
[[nodiscard]] std::variant<request, status> parse_request(std::string_view head);

}  // namespace amphi::serve
