// SPDX-License-Identifier: BSL-1.0
// Folders: locked against other programs, watched, walked through, and temporary.
#include <amphi/amphi.hpp>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace fs = amphi::fs;

// [lock]
amphi::task<bool> as_the_only_one(fs::file& lock_file) {
    const auto held = co_await lock_file.try_lock();  // lock() would wait, until a stop
    if (!held) co_return false;                       // another program is at work
    // What none but the holder may do is done here.
    co_return true;
}
// [lock]

// [watch]
amphi::task<std::filesystem::path> next_upload(fs::watcher& seen) {
    for (;;) {
        const fs::change change = co_await seen.next();
        if (change.kind() == fs::change_kind::written) co_return change.path();
    }
}
// [watch]

// [walk]
amphi::task<std::uintmax_t> size_of_all(std::filesystem::path folder) {
    std::uintmax_t size = 0;
    fs::walk found(folder);
    for (;;) {
        const std::optional<fs::walk_entry> entry = co_await found.next();
        if (!entry) co_return size;
        if (entry->type() != std::filesystem::file_type::regular) continue;
        size += co_await fs::file_size(entry->path());
    }
}
// [walk]

// [temporary]
amphi::task<> body() {
    const auto folder = co_await fs::temporary_folder::make();
    const auto how = fs::open_options().write().create();
    fs::file lock_file = co_await fs::file::open(folder / "lock", how);
    const bool alone = co_await as_the_only_one(lock_file);

    fs::watcher seen;
    co_await seen.add(folder.path());
    co_await fs::write(folder / "upload", "twelve bytes");
    const auto upload = co_await next_upload(seen);
    const std::uintmax_t size = co_await size_of_all(folder.path());
    std::printf("%d %s %ju\n", alone ? 1 : 0, upload.filename().c_str(), size);
}  // the folder is gone, with all that is in it
// [temporary]

int main() {
    amphi::run(amphi::threads, body);
    amphi::run(amphi::async, body);
}
