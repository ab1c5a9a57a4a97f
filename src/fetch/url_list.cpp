// SPDX-License-Identifier: BSL-1.0
#include "url_list.hpp"

#include <amphi/base/error.hpp>
#include <amphi/io/readable.hpp>

#include <cerrno>
#include <iterator>
#include <string_view>

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

}  // namespace

task<std::size_t> input_stream::read_some(std::span<std::byte> into) {
    for (;;) {
        auto ready = readable(fd_);
        co_await ready;
        const ssize_t count = ::read(fd_, into.data(), into.size());
        if (count >= 0) co_return static_cast<std::size_t>(count);
        if (errno != EINTR && errno != EAGAIN)
            detail::throw_system_error(errno, "read the list of URLs");
    }
}

url_list::url_list(std::vector<std::string> given, const std::string& file)
    : given_(std::make_move_iterator(given.begin()), std::make_move_iterator(given.end())) {
    if (file.empty()) return;
    if (file != "-") {
        file_.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        if (!file_) detail::throw_system_error(errno, "open the list", file);
    }
    lines_.emplace(stream_.emplace(file_ ? file_.get() : STDIN_FILENO), line_bytes_max);
}

task<std::optional<std::string>> url_list::next() {
    if (!given_.empty()) {
        std::string first = std::move(given_.front());
        given_.pop_front();
        co_return first;
    }
    while (lines_) {
        const std::optional<std::string> line = co_await lines_->next();
        if (!line) break;
        const std::string_view text = trimmed(*line);
        if (!text.empty() && text.front() != '#') co_return std::string(text);
    }
    co_return std::nullopt;
}

}  // namespace amphi::fetch
