// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace amphi::fetch {

using sha256_digest = std::array<std::byte, 32>;

/// A SHA-256 in the making: `update` with each piece, then `finish`.
///
/// Threads: one at a time. Errors: throws `std::runtime_error` when the crypto library refuses, as
/// it does without its provider.
class sha256 {
public:
    sha256();
    sha256(sha256&&) noexcept = default;
    sha256& operator=(sha256&&) noexcept = default;
    ~sha256() = default;

    void update(std::span<const std::byte> piece);

    /// The digest of all pieces; the object starts anew.
    [[nodiscard]] sha256_digest finish();

private:
    struct free_state {
        void operator()(void* state) const noexcept;
    };

    void start();

    std::unique_ptr<void, free_state> state_;
};

/// The digest of what a descriptor reads from its first byte on. Throws `std::system_error`.
[[nodiscard]] sha256_digest sha256_of(int fd);

/// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const sha256_digest& digest);

/// Reads 64 hexadecimal digits of either case; none when `text` is anything else.
[[nodiscard]] std::optional<sha256_digest> parse_sha256(std::string_view text);

}  // namespace amphi::fetch
