// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/paths.hpp>

#include <amphi/task/task.hpp>

#include "named_call.hpp"

#include <filesystem>
#include <system_error>

namespace amphi::fs {

namespace std_fs = std::filesystem;
using std_fs::path;

task<path> absolute(const path& at) {
    return detail::named_call("find", [](auto&... with) { return std_fs::absolute(with...); }, at);
}

task<path> canonical(const path& at) {
    return detail::named_call(
        "resolve", [](auto&... with) { return std_fs::canonical(with...); }, at
    );
}

task<path> weakly_canonical(const path& at) {
    return detail::named_call(
        "resolve", [](auto&... with) { return std_fs::weakly_canonical(with...); }, at
    );
}

task<path> relative(const path& at, const path& base) {
    return detail::named_call(
        "relate", [](auto&... with) { return std_fs::relative(with...); }, at, base
    );
}

task<path> proximate(const path& at, const path& base) {
    return detail::named_call(
        "relate", [](auto&... with) { return std_fs::proximate(with...); }, at, base
    );
}

task<path> current_path() {
    const path here(".");
    co_return co_await detail::named_call(
        "find",
        [](const path&, std::error_code& error) { return std_fs::current_path(error); },
        here
    );
}

task<path> temp_directory_path() {
    const path named("TMPDIR");
    co_return co_await detail::named_call(
        "find the folder for temporary files",
        [](const path&, std::error_code& error) { return std_fs::temp_directory_path(error); },
        named
    );
}

}  // namespace amphi::fs
