// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amphi::fetch {

/// A machine of a .netrc file, and who logs in there.
class netrc_entry {
public:
    std::string machine;  ///< in lower case
    std::string login;
    std::string password;
};

/// The machines that a .netrc file names. Its `default`, which is for every host, is left out: a
/// list of URLs may name hosts that are nobody's friends. So are macros.
/// Throws `std::invalid_argument`, repeating nothing of it, for what is none.
[[nodiscard]] std::vector<netrc_entry> parse_netrc(std::string_view text);

}  // namespace amphi::fetch
