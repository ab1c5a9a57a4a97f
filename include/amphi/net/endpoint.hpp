// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>

#include <array>
#include <compare>  // IWYU pragma: keep (for <=>)
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amphi {

namespace detail {
class socket_address;
}

namespace net {

/// An IPv4 or IPv6 address with a port. A value.
class AMPHI_EXPORT endpoint {
public:
    /// 0.0.0.0:0, every address of this machine and a port that the system picks.
    constexpr endpoint() noexcept = default;

    /// From "127.0.0.1:80" or "[::1]:80". Throws `std::invalid_argument`, naming the text.
    [[nodiscard]] static endpoint parse(std::string_view text);

    /// From a numeric address, "127.0.0.1", "::1" or "fe80::1%2"; nothing for any other text, as
    /// for a host's name.
    [[nodiscard]] static std::optional<endpoint>
    from_address(std::string_view address, std::uint16_t port) noexcept;

    /// 127.0.0.1, this machine alone.
    [[nodiscard]] static endpoint loopback(std::uint16_t port) noexcept;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] bool is_ipv6() const noexcept { return is_ipv6_; }

    /// The address alone, as `from_address` takes it.
    [[nodiscard]] std::string address() const;

    [[nodiscard]] auto operator<=>(const endpoint&) const noexcept = default;

private:
    friend class detail::socket_address;

    bool is_ipv6_ = false;
    std::array<std::uint8_t, 16> bytes_{};  // in network order; of IPv4 the first four
    std::uint32_t scope_ = 0;               // the interface of a link-local IPv6 address
    std::uint16_t port_ = 0;
};

/// As `endpoint::parse` takes it.
[[nodiscard]] AMPHI_EXPORT std::string to_string(const endpoint& shown);

}  // namespace net

template <>
inline constexpr bool enable_sendable<net::endpoint> = true;

}  // namespace amphi
