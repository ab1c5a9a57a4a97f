// SPDX-License-Identifier: BSL-1.0
// A first program: counts the lines of the files that it is given, all at once.
#include <amphi/amphi.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

// [count_lines]
amphi::task<std::size_t> count_lines(const std::string& path) {
    const std::string text = co_await amphi::fs::read(path);
    co_return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}
// [count_lines]

// [count_all]
amphi::task<std::size_t> count_all(const std::vector<std::string>& paths) {
    co_return co_await amphi::scope(
        [](amphi::task_scope& jobs, const auto& list) -> amphi::task<std::size_t> {
            std::vector<amphi::join_handle<std::size_t>> counts;
            for (const std::string& path : list) {
                auto handle = co_await jobs.spawn(count_lines, path);
                counts.push_back(std::move(handle));
            }
            std::size_t total = 0;
            for (auto& handle : counts) {
                const std::size_t lines = co_await handle.join();
                total += lines;
            }
            co_return total;
        },
        paths
    );
}
// [count_all]

// [main]
int main(int count, char** arguments) {
    const std::vector<std::string> paths(arguments + 1, arguments + count);
    try {
        const std::size_t total = amphi::run(amphi::threads, count_all, paths);
        std::printf("%zu lines in %zu files\n", total, paths.size());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
// [main]
