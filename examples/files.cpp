// SPDX-License-Identifier: BSL-1.0
// Files: read line by line, and replaced in one step.
#include <amphi/amphi.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fs = amphi::fs;

// [lines]
amphi::task<std::size_t> longest_line(const std::filesystem::path& path) {
    fs::file file = co_await fs::file::open(path);
    amphi::lines reader(file);
    std::size_t longest = 0;
    for (;;) {
        const std::optional<std::string> line = co_await reader.next();
        if (!line) co_return longest;
        longest = std::max(longest, line->size());
    }
}
// [lines]

// [replace]
amphi::task<> replace(const std::filesystem::path& path, std::string_view content) {
    std::filesystem::path part = path;
    part += ".part";
    {
        const auto how = fs::open_options().write().create().truncate();
        fs::file file = co_await fs::file::open(part, how);
        co_await amphi::write_all(file, std::as_bytes(std::span(content)));
        co_await file.sync();  // else a power cut may leave an empty file under the new name
        file.close();
    }
    co_await fs::rename(part, path);  // a reader sees the old file or the new one
}
// [replace]

amphi::task<> body() {
    const auto folder = std::filesystem::temp_directory_path();
    const auto path = folder / ("amphi_files_" + std::to_string(amphi::this_task::id()));
    co_await replace(path, "one\ntwo\nthree\n");
    const std::size_t longest = co_await longest_line(path);
    std::printf("the longest line has %zu letters\n", longest);
    (void)co_await fs::remove(path);
}

int main() {
    amphi::run(amphi::threads, body);
    amphi::run(amphi::async, body);
}
