// SPDX-License-Identifier: BSL-1.0
#include "validators.hpp"

#include "http_date.hpp"

#include <cstddef>
#include <string>

namespace amphi::serve {

namespace {

/// Whether a list of entity tags holds ours, by the weak comparison: `W/` is of no consequence.
bool lists_tag(std::string_view list, std::string_view tag) noexcept {
    while (!list.empty()) {
        const std::size_t quote = list.find('"');
        if (quote == std::string_view::npos) return false;
        const std::size_t end = list.find('"', quote + 1);
        if (end == std::string_view::npos) return false;
        if (list.substr(quote, end + 1 - quote) == tag) return true;
        list.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace

bool is_not_modified(const request& asked, const served_file& file) {
    if (!asked.if_none_match.empty())
        return asked.if_none_match == "*" || lists_tag(asked.if_none_match, file.etag());
    const auto since = parse_http_date(asked.if_modified_since);
    return since && file.modified() <= *since;
}

bool may_continue(std::string_view if_range, const served_file& file, std::time_t now) {
    if (if_range.empty()) return true;
    if (if_range.starts_with('"')) return if_range == file.etag();
    return parse_http_date(if_range) == file.modified() && file.modified() < now;
}

}  // namespace amphi::serve
