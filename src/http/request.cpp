// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/request.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace amphi::http {

namespace {

constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view name) noexcept {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               token_marks.find(c) != std::string_view::npos;
    });
}

bool is_value(std::string_view value) noexcept {
    return std::none_of(value.begin(), value.end(), [](char c) {
        return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f;
    });
}

}  // namespace

request& request::header(std::string line) {
    const std::size_t colon = line.find(':');
    // A line break in a value would be a header of its own, or a request of its own.
    // The value is not repeated in the message: it may be a secret.
    if (colon == std::string::npos || !is_token(std::string_view(line).substr(0, colon)) ||
        !is_value(std::string_view(line).substr(colon + 1)))
        throw std::invalid_argument("a header is written as \"Name: value\", in one line");
    headers_.push_back(std::move(line));
    return *this;
}

request& request::unless_still(std::string etag, std::string last_modified) {
    if (!is_value(etag) || !is_value(last_modified))
        throw std::invalid_argument("an ETag or a date stands in one line");
    known_etag_ = std::move(etag);
    known_date_ = std::move(last_modified);
    return *this;
}

request&
request::resolve_to(const std::string& host, std::uint16_t port, const std::string& address) {
    in6_addr ignored{};
    const bool is_ipv6 = inet_pton(AF_INET6, address.c_str(), &ignored) == 1;
    if (!is_ipv6 && inet_pton(AF_INET, address.c_str(), &ignored) != 1)
        throw std::invalid_argument("\"" + address + "\" is no IP address");
    addresses_.emplace_back(
        host + ':' + std::to_string(port), is_ipv6 ? '[' + address + ']' : address
    );
    return *this;
}

std::string request::addresses_for(const std::string& host, std::uint16_t port) const {
    if (addresses_.empty()) return {};
    const std::string place = host + ':' + std::to_string(port);
    std::string all;
    for (const auto& [of, address] : addresses_)
        if (of == place) all += (all.empty() ? "" : ",") + address;
    return all;
}

}  // namespace amphi::http
