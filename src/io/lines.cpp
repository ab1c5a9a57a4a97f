// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/lines.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace amphi {

line_too_long::line_too_long(std::size_t length_max)
    : std::length_error(
          "a line is longer than the limit of " + std::to_string(length_max) + " bytes"
      )
    , length_max_(length_max) {}

line_too_long::~line_too_long() = default;

namespace detail {

namespace {

constexpr std::size_t chunk = std::size_t{8} * 1024;

}  // namespace

std::optional<std::string> line_buffer::take() {
    const std::string_view bytes(bytes_.data(), end_);
    const std::size_t newline = bytes.find('\n', seen_);
    if (newline == std::string_view::npos) {
        seen_ = end_;
        // One more than the limit may be the '\r' of a line end that is still to come.
        const std::size_t size = end_ - begin_;
        if (size > length_max_ && size - 1 > length_max_) throw line_too_long(length_max_);
        return std::nullopt;
    }
    std::string_view line = bytes.substr(begin_, newline - begin_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > length_max_) throw line_too_long(length_max_);
    begin_ = seen_ = newline + 1;
    return std::string(line);
}

std::optional<std::string> line_buffer::take_rest() {
    if (begin_ == end_) return std::nullopt;
    if (end_ - begin_ > length_max_) throw line_too_long(length_max_);
    std::string rest(bytes_, begin_, end_ - begin_);
    begin_ = seen_ = end_;
    return rest;
}

std::span<std::byte> line_buffer::room() {
    bytes_.erase(0, begin_);
    end_ -= begin_;
    seen_ -= begin_;
    begin_ = 0;
    bytes_.resize(end_ + chunk);
    return std::as_writable_bytes(std::span(bytes_)).subspan(end_);
}

std::string ended_line(std::string_view line, std::size_t length_max) {
    if (line.find('\n') != std::string_view::npos)
        throw std::invalid_argument("a line that is to be written has a line end in it");
    if (line.ends_with('\r'))
        throw std::invalid_argument("a line that is to be written ends with a carriage return");
    if (line.size() > length_max) throw line_too_long(length_max);
    std::string ended;
    ended.reserve(line.size() + 1);
    ended.append(line).push_back('\n');
    return ended;
}

}  // namespace detail
}  // namespace amphi
