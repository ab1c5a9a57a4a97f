// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string_view>

namespace amphi::serve {

/// What a Range header asks of a file.
class range_request {
public:
    enum class kind : std::uint8_t { whole, part, unsatisfiable };

    [[nodiscard]] static range_request whole() noexcept { return {kind::whole, 0, 0}; }
    [[nodiscard]] static range_request unsatisfiable() noexcept {
        return {kind::unsatisfiable, 0, 0};
    }
    [[nodiscard]] static range_request part(std::uint64_t first, std::uint64_t size) noexcept {
        return {kind::part, first, size};
    }

    [[nodiscard]] kind what() const noexcept { return what_; }
    [[nodiscard]] std::uint64_t first() const noexcept { return first_; }  ///< of a part
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }    ///< of a part, not zero

    friend bool operator==(const range_request&, const range_request&) noexcept = default;

private:
    range_request(kind what, std::uint64_t first, std::uint64_t size) noexcept
        : what_(what)
        , first_(first)
        , size_(size) {}

    kind what_;
    std::uint64_t first_;
    std::uint64_t size_;
};

/// Reads the value of a Range header for a file of `file_size` bytes (RFC 9110, 14.2). A malformed
/// one, another unit, and several ranges at once mean the whole file: a server may ignore the
/// header, and several ranges have been a way to make servers work hard for little.
[[nodiscard]] range_request parse_range(std::string_view value, std::uint64_t file_size) noexcept;

}  // namespace amphi::serve
