// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/connect.hpp>

#include <amphi/net/endpoint.hpp>
#include <amphi/net/resolve.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>

#include "connect_race.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace amphi::detail {

namespace {

std::string shown(const std::string& host, std::uint16_t port) {
    const bool bare = host.find(':') != std::string::npos && !host.starts_with('[');
    return (bare ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

/// Where the port's colon is. A bare IPv6 address leaves open whether its last part is a port.
std::size_t colon_of(std::string_view place) noexcept {
    const std::size_t colon = place.rfind(':');
    if (colon == 0 || colon == std::string_view::npos) return std::string_view::npos;
    const std::string_view host = place.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    const bool another = host.find(':') != std::string_view::npos;
    return another == bracketed ? colon : std::string_view::npos;
}

}  // namespace

task<net::tcp_stream>
connect_function::operator()(std::string host, std::uint16_t port, net::connect_options how) const {
    std::string place = shown(host, port);
    std::vector<net::endpoint> found = co_await net::resolve(std::move(host), port);
    co_return co_await connect_to_any(std::move(place), std::move(found), how);
}

task<net::tcp_stream>
connect_function::operator()(std::string place, net::connect_options how) const {
    const std::size_t colon = colon_of(place);
    std::uint16_t port = 0;
    bool valid = colon != std::string::npos;
    if (valid) {
        const char* const end = place.data() + place.size();
        const auto [stopped, error] = std::from_chars(place.data() + colon + 1, end, port);
        valid = error == std::errc() && stopped == end;
    }
    if (!valid)
        throw std::invalid_argument(
            "'" + place + "' is no host and port: write example.org:80 or [::1]:80"
        );
    return (*this)(place.substr(0, colon), port, how);
}

}  // namespace amphi::detail
