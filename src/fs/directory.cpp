// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/directory.hpp>

#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"
#include "file_type_of.hpp"
#include "named_call.hpp"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <dirent.h>
#include <sys/types.h>

namespace amphi::fs {

namespace std_fs = std::filesystem;
using std_fs::path;

namespace {

std::vector<directory_entry> list_now(const path& directory) {
    const std::unique_ptr<DIR, int (*)(DIR*)> opened(::opendir(directory.c_str()), ::closedir);
    if (!opened) detail::throw_file_error("list", directory);
    std::vector<directory_entry> entries;
    for (;;) {
        errno = 0;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): the directory is open for this call alone
        const dirent* const entry = ::readdir(opened.get());
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            entries.emplace_back(std::string(name), detail::type_of(DTTOIF(mode_t{entry->d_type})));
    }
    if (errno != 0) detail::throw_file_error("list", directory);
    return entries;
}

}  // namespace

task<std::vector<directory_entry>> list(const path& directory) {
    co_return co_await on(threads, list_now, directory);
}

task<bool> create_directory(const path& at) {
    return detail::named_call(
        "make the directory", [](auto&... with) { return std_fs::create_directory(with...); }, at
    );
}

task<bool> create_directory(const path& at, const path& like) {
    return detail::named_call(
        "make the directory",
        [](auto&... with) { return std_fs::create_directory(with...); },
        at,
        like
    );
}

task<bool> create_directories(const path& at) {
    return detail::named_call(
        "make the directory", [](auto&... with) { return std_fs::create_directories(with...); }, at
    );
}

}  // namespace amphi::fs
