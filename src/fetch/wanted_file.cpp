// SPDX-License-Identifier: BSL-1.0
#include "wanted_file.hpp"

#include "file_name.hpp"

#include <algorithm>

#include <fnmatch.h>

namespace amphi::fetch {

wanted_file wanted_by(const settings& how, const list_row& row) {
    wanted_file what(http::url(row.url), how.name.empty() ? row.path : how.name);
    what.has_own_name = !what.name.empty();
    if (!row.path.empty()) check_path(row.path);
    // What is printed needs a name only to be chosen by it.
    if (!what.has_own_name && !(how.to_output && how.accept.empty()))
        what.name = how.tree ? tree_name_of(what.from) : file_name_of(what.from);
    what.size = row.size;
    what.sha256 = how.sha256 ? how.sha256 : row.sha256;
    return what;
}

list_row row_of(const settings& how, const wanted_file& what) {
    list_row row;
    row.url = what.from.text();
    if (what.has_own_name && how.name.empty()) row.path = what.name;
    row.size = what.size;
    if (!how.sha256) row.sha256 = what.sha256;
    return row;
}

bool is_accepted(const settings& how, const std::string& name) {
    const std::string last = name.substr(name.rfind('/') + 1);
    return how.accept.empty() ||
           std::any_of(how.accept.begin(), how.accept.end(), [&](const std::string& pattern) {
               const bool is_path = pattern.find('/') != std::string::npos;
               return ::fnmatch(pattern.c_str(), (is_path ? name : last).c_str(), 0) == 0;
           });
}

}  // namespace amphi::fetch
