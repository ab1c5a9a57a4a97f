// SPDX-License-Identifier: BSL-1.0
// Downloads the URLs on standard input into the current folder.
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

std::vector<std::string> read_lines(std::istream& from) {
    std::vector<std::string> lines;
    for (std::string line; std::getline(from, line);)
        lines.push_back(line);
    return lines;
}

std::filesystem::path file_name_of(const std::string& url) {
    return std::filesystem::path(url).filename();
}

// [download_all]
#include <amphi/amphi.hpp>
#include <amphi/http.hpp>

amphi::task<> download(const std::string& url, const std::filesystem::path& file) {
    auto response = co_await amphi::http::get(url);
    co_await amphi::fs::write(file, response.body());
}

amphi::task<> download_all(const std::vector<std::string>& urls) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, const auto& list) -> amphi::task<> {
            jobs.limit(64);  // spawn waits while 64 are running
            for (const auto& url : list)
                co_await jobs.spawn(download, url, file_name_of(url));
        },
        urls
    );
}

int main() {
    amphi::run(amphi::async, download_all, read_lines(std::cin));  // all of them on a few threads
}  // amphi::threads: a thread each
// [download_all]
