// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/copy.hpp>

#include <amphi/task/task.hpp>

#include "named_call.hpp"

#include <filesystem>
#include <system_error>

namespace amphi::fs {

namespace std_fs = std::filesystem;
using std_fs::path;

task<bool> copy_file(const path& from, const path& to, std_fs::copy_options how) {
    return detail::named_call(
        "copy", [](auto&... with) { return std_fs::copy_file(with...); }, from, to, how
    );
}

task<> copy(const path& from, const path& to, std_fs::copy_options how) {
    return detail::named_call(
        "copy", [](auto&... with) { return std_fs::copy(with...); }, from, to, how
    );
}

}  // namespace amphi::fs
