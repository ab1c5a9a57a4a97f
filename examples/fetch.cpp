// SPDX-License-Identifier: BSL-1.0
// Saves the URLs on standard input, each as it comes, with limits, and says what went wrong.
#include <amphi/amphi.hpp>
#include <amphi/http.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iostream>
#include <span>
#include <string>
#include <utility>

using namespace std::chrono_literals;
namespace http = amphi::http;

// [sink]
class file_sink : public http::sink {
public:
    explicit file_sink(std::filesystem::path path) : path_(std::move(path)) {
        file_.exceptions(std::ios::badbit | std::ios::failbit);  // what it throws leaves the fetch
    }
    wish begin(const http::response_head& head) override {
        if (head.status() != 200) return wish::no_body;
        file_.open(path_, std::ios::binary);
        return wish::body;
    }
    bool take(std::span<const std::byte> piece) override {
        const auto size = static_cast<std::streamsize>(piece.size());
        file_.write(reinterpret_cast<const char*>(piece.data()), size);
        return true;
    }

private:
    std::filesystem::path path_;
    std::ofstream file_;
};

amphi::task<int> save(const std::string& url) {
    const std::filesystem::path path = http::url(url).path();
    file_sink into(path.filename());
    const auto what = http::request(url).header("Accept: text/plain").stall_timeout(5s);
    const http::response_head head = co_await http::fetch(what, into);
    co_return head.status();
}
// [sink]

// [errors]
amphi::task<> save_or_say_why(std::string url) {
    try {
        const int status = co_await amphi::timeout(30s, save, url);
        if (status != 200) std::fprintf(stderr, "%s: status %d\n", url.c_str(), status);
    } catch (const http::fetch_error& error) {
        const char* hope = error.temporary() ? " (may pass)" : "";
        std::fprintf(stderr, "%s%s\n", error.what(), hope);
    } catch (const amphi::timed_out&) {
        std::fprintf(stderr, "%s: not within 30 s\n", url.c_str());
    }
}
// [errors]

amphi::task<> save_all() {
    co_await amphi::scope([](amphi::task_scope& jobs) -> amphi::task<> {
        jobs.limit(16);
        for (std::string url; std::getline(std::cin, url);)
            co_await jobs.spawn(save_or_say_why, url);
    });
}

int main() {
    amphi::run(amphi::default_executor, save_all);
}
