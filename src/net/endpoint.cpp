// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/endpoint.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace amphi::net {

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
    Number number = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [stopped, error] = std::from_chars(begin, end, number);
    if (error != std::errc() || stopped != end) return std::nullopt;
    return number;
}

}  // namespace

endpoint endpoint::parse(std::string_view text) {
    std::string_view address;
    std::string_view port;
    const bool bracketed = text.starts_with('[');
    const std::size_t end = bracketed ? text.find(']') : text.find(':');
    if (end != std::string_view::npos) {
        address = text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
        port = text.substr(end + (bracketed ? 1 : 0));
    }
    if (port.starts_with(':')) {
        const auto number = parse_number<std::uint16_t>(port.substr(1));
        const auto parsed = number ? from_address(address, *number) : std::nullopt;
        if (parsed && parsed->is_ipv6() == bracketed) return *parsed;
    }
    throw std::invalid_argument(
        "'" + std::string(text) + "' is not an endpoint: write 127.0.0.1:80 or [::1]:80"
    );
}

std::optional<endpoint>
endpoint::from_address(std::string_view address, std::uint16_t port) noexcept {
    // A copy that ends in a zero, as inet_pton(3) wants it.
    std::array<char, INET6_ADDRSTRLEN> text{};
    const std::string_view digits = address.substr(0, address.find('%'));
    if (digits.size() >= text.size() || digits.find('\0') != std::string_view::npos)
        return std::nullopt;
    digits.copy(text.data(), digits.size());

    endpoint made;
    made.port_ = port;
    made.is_ipv6_ = digits.find(':') != std::string_view::npos;
    if (digits.size() != address.size()) {
        const auto scope = parse_number<std::uint32_t>(address.substr(digits.size() + 1));
        if (!scope || !made.is_ipv6_) return std::nullopt;
        made.scope_ = *scope;
    }
    const int family = made.is_ipv6_ ? AF_INET6 : AF_INET;
    if (::inet_pton(family, text.data(), made.bytes_.data()) != 1) return std::nullopt;
    return made;
}

endpoint endpoint::loopback(std::uint16_t port) noexcept {
    endpoint made;
    made.bytes_ = {127, 0, 0, 1};
    made.port_ = port;
    return made;
}

std::string endpoint::address() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = is_ipv6_ ? AF_INET6 : AF_INET;
    ::inet_ntop(family, bytes_.data(), text.data(), text.size());
    std::string shown = text.data();
    if (scope_ != 0) shown += "%" + std::to_string(scope_);
    return shown;
}

std::string to_string(const endpoint& shown) {
    const std::string address = shown.address();
    const std::string port = std::to_string(shown.port());
    return shown.is_ipv6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace amphi::net
