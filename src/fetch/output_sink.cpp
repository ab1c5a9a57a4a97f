// SPDX-License-Identifier: BSL-1.0
#include "output_sink.hpp"

#include <amphi/base/error.hpp>
#include <amphi/io/readable.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <span>

#include <unistd.h>

namespace amphi::fetch {

namespace {

constexpr std::size_t buffer_bytes_max = std::size_t{1} << 20;
// A pipe that poll(2) calls writable takes this much without blocking.
constexpr std::size_t write_bytes_max = PIPE_BUF;

}  // namespace

output_sink::output_sink(
    int fd, sha256* hash, counter& received, byte_budget& budget, size_limit limit
)
    : fd_(fd)
    , hash_(hash)
    , received_(received)
    , share_(budget)
    , limit_(limit) {}

http::sink::wish output_sink::begin(const http::response_head& head) {
    has_content_ = head.status() == 200;
    if (has_content_) limit_.check_announced(head.content_length());
    return has_content_ ? wish::body : wish::no_body;
}

bool output_sink::has_content() const {
    if (has_content_) limit_.check_all(taken_);
    return has_content_;
}

bool output_sink::take(std::span<const std::byte> piece) {
    limit_.check_so_far(taken_ + piece.size());
    if (!buffer_.empty() && buffer_.size() + piece.size() > buffer_bytes_max) return false;
    if (!share_.may_take(piece.size())) return false;
    buffer_.insert(buffer_.end(), piece.begin(), piece.end());
    if (hash_ != nullptr) hash_->update(piece);
    taken_ += piece.size();
    // relaxed: statistics only.
    received_.fetch_add(piece.size(), std::memory_order_relaxed);
    return true;
}

task<> output_sink::make_room() {
    co_await flush();
    co_await share_.wait();
}

task<> output_sink::flush() {
    std::span<const std::byte> rest(buffer_);
    while (!rest.empty()) {
        auto ready = writable(fd_);
        co_await ready;
        const ssize_t count =
            ::write(fd_, rest.data(), std::min<std::size_t>(rest.size(), write_bytes_max));
        if (count < 0 && errno != EINTR && errno != EAGAIN)
            amphi::detail::throw_system_error(errno, "write to standard output");
        rest = rest.subspan(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    buffer_.clear();
}

}  // namespace amphi::fetch
