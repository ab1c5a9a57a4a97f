// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amphi::compare {

/// Splits a command as a shell would: at blanks, with 'quotes', "quotes" and backslashes. Nothing
/// else is a shell's here: patterns and variables are not replaced, and what would need a shell
/// (pipes, redirections, several commands) throws `std::invalid_argument`, as an open quote does.
[[nodiscard]] std::vector<std::string> split_words(std::string_view command);

/// The words with each `{out}` replaced.
[[nodiscard]] std::vector<std::string>
with_out(std::vector<std::string> words, const std::string& out);

}  // namespace amphi::compare
