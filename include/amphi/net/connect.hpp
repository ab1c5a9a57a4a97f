// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace amphi {

namespace net {

/// Whose addresses are tried first.
enum class address_family : std::uint8_t {
    as_resolved,  ///< of the first address that the system gives
    ipv4,
    ipv6
};

/// How to connect to a host.
class connect_options {
public:
    connect_options() = default;

    /// How long an address is tried alone before the next one is tried beside it: 250 ms unless set
    /// here. One that is refused does not wait for that.
    connect_options& attempt_delay(std::chrono::nanoseconds alone) noexcept {
        attempt_delay_ = alone;
        return *this;
    }
    connect_options& prefer(address_family first) noexcept {
        preferred_ = first;
        return *this;
    }

    [[nodiscard]] std::chrono::nanoseconds attempt_delay() const noexcept { return attempt_delay_; }
    [[nodiscard]] address_family preferred() const noexcept { return preferred_; }

private:
    std::chrono::nanoseconds attempt_delay_ = std::chrono::milliseconds(250);
    address_family preferred_ = address_family::as_resolved;
};

}  // namespace net

namespace detail {

/// What `net::connect` is. An object, so that its two forms can be handed to `timeout`.
class connect_function {
public:
    [[nodiscard]] AMPHI_EXPORT task<net::tcp_stream>
    operator()(std::string host, std::uint16_t port, net::connect_options how = {}) const;
    [[nodiscard]] AMPHI_EXPORT task<net::tcp_stream>
    operator()(std::string place, net::connect_options how = {}) const;
};

}  // namespace detail

namespace net {

/// Connects to a host by its name or numeric address: `connect("example.org", 80)`, or
/// `connect("example.org:80")`, `connect("[::1]:80")`.
///
/// It resolves the name and tries all addresses, the two families in turn, until one answers (happy
/// eyeballs, RFC 8305): the next one is begun when the one before was refused, or has not answered
/// for `attempt_delay`. At most 16 are under way. The first that connects wins, the others are
/// closed. For one address that is known already there is `tcp_stream::connect`.
///
/// Cancellation: ends at once, nothing is left behind.
/// Errors: `std::system_error` that names the host, each address and what became of it, with the
/// code of the last that failed; what `resolve` throws; `std::invalid_argument` for a text that is
/// not "host:port".
/// Cost: no thread but that of the lookup; a plain thread polls all sockets itself.
inline constexpr detail::connect_function connect{};

}  // namespace net

template <>
inline constexpr bool enable_sendable<net::connect_options> = true;

}  // namespace amphi
