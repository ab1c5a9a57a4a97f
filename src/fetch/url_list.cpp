// SPDX-License-Identifier: BSL-1.0
#include "url_list.hpp"

#include <amphi/io/readable.hpp>

#include <cerrno>
#include <iterator>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blank = " \t\r";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

[[noreturn]] void fail(const std::string& operation) {
    throw list_error(operation + ": " + std::generic_category().message(errno));
}

}  // namespace

task<std::size_t> input_stream::read_some(std::span<std::byte> into) {
    for (;;) {
        auto ready = readable(fd_);
        co_await ready;
        const ssize_t count = ::read(fd_, into.data(), into.size());
        if (count >= 0) co_return static_cast<std::size_t>(count);
        if (errno != EINTR && errno != EAGAIN) fail("read the list of URLs");
    }
}

url_list::url_list(std::vector<std::string> given, const std::string& file)
    : given_(std::make_move_iterator(given.begin()), std::make_move_iterator(given.end())) {
    if (file.empty()) return;
    if (file != "-") {
        file_.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        if (!file_) fail("open the list " + file);
    }
    lines_.emplace(stream_.emplace(file_ ? file_.get() : STDIN_FILENO), line_bytes_max);
}

task<std::optional<std::string>> url_list::next_line() {
    try {
        co_return co_await lines_->next();
    } catch (const line_too_long& error) {
        throw list_error(std::string("read the list of URLs: ") + error.what());
    }
}

task<std::optional<std::string>> url_list::next() {
    if (!given_.empty()) {
        std::string first = std::move(given_.front());
        given_.pop_front();
        co_return first;
    }
    while (lines_) {
        const std::optional<std::string> line = co_await next_line();
        if (!line) break;
        const std::string_view text = trimmed(*line);
        if (!text.empty() && text.front() != '#') co_return std::string(text);
    }
    co_return std::nullopt;
}

}  // namespace amphi::fetch
