// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/links.hpp>

#include <amphi/task/task.hpp>

#include "named_call.hpp"

#include <filesystem>
#include <system_error>

namespace amphi::fs {

namespace std_fs = std::filesystem;
using std_fs::path;

task<> create_symlink(const path& target, const path& link) {
    return detail::named_call(
        "make the symbolic link",
        [](auto& made, auto& to, std::error_code& error) {
            std_fs::create_symlink(to, made, error);
        },
        link,
        target
    );
}

task<> create_directory_symlink(const path& target, const path& link) {
    return detail::named_call(
        "make the symbolic link",
        [](auto& made, auto& to, std::error_code& error) {
            std_fs::create_directory_symlink(to, made, error);
        },
        link,
        target
    );
}

task<> create_hard_link(const path& target, const path& link) {
    return detail::named_call(
        "make the hard link",
        [](auto& made, auto& to, std::error_code& error) {
            std_fs::create_hard_link(to, made, error);
        },
        link,
        target
    );
}

task<path> read_symlink(const path& link) {
    return detail::named_call(
        "read the symbolic link", [](auto&... with) { return std_fs::read_symlink(with...); }, link
    );
}

task<> copy_symlink(const path& from, const path& to) {
    return detail::named_call(
        "copy the symbolic link",
        [](auto&... with) { return std_fs::copy_symlink(with...); },
        from,
        to
    );
}

}  // namespace amphi::fs
