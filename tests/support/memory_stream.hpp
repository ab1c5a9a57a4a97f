// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/task.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace amphi::testing {

/// A stream over a string that never moves more than a few bytes at once, as a network may.
class memory_stream {
public:
    explicit memory_stream(std::string content, std::size_t chunk = 3)
        : content_(std::move(content))
        , chunk_(chunk) {}

    task<std::size_t> read_some(std::span<std::byte> into) {
        const std::size_t count = std::min({chunk_, into.size(), content_.size() - read_});
        const auto bytes = std::as_bytes(std::span(content_)).subspan(read_, count);
        std::copy(bytes.begin(), bytes.end(), into.begin());
        read_ += count;
        co_return count;
    }

    task<std::size_t> write_some(std::span<const std::byte> from) {
        const std::size_t count = std::min(chunk_, from.size());
        content_.append(reinterpret_cast<const char*>(from.data()), count);
        co_return count;
    }

    [[nodiscard]] const std::string& content() const noexcept { return content_; }

private:
    std::string content_;
    std::size_t chunk_;
    std::size_t read_ = 0;
};

}  // namespace amphi::testing
