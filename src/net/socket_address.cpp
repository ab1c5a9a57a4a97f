// SPDX-License-Identifier: BSL-1.0
#include "socket_address.hpp"

#include <amphi/net/endpoint.hpp>

#include <algorithm>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace amphi::detail {

socket_address::socket_address(const net::endpoint& from) noexcept {
    if (from.is_ipv6_) {
        v6_.sin6_family = AF_INET6;
        v6_.sin6_port = htons(from.port_);
        v6_.sin6_scope_id = from.scope_;
        std::memcpy(&v6_.sin6_addr, from.bytes_.data(), sizeof v6_.sin6_addr);
        size_ = sizeof v6_;
    } else {
        v4_ = {};
        v4_.sin_family = AF_INET;
        v4_.sin_port = htons(from.port_);
        std::memcpy(&v4_.sin_addr, from.bytes_.data(), sizeof v4_.sin_addr);
        size_ = sizeof v4_;
    }
}

socket_address::socket_address(const sockaddr& from, socklen_t size) noexcept
    : size_(std::min<socklen_t>(size, sizeof v6_)) {
    std::memcpy(&v6_, &from, size_);
}

net::endpoint socket_address::to_address() const noexcept {
    net::endpoint to;
    if (any_.sa_family == AF_INET6) {
        to.is_ipv6_ = true;
        to.port_ = ntohs(v6_.sin6_port);
        to.scope_ = v6_.sin6_scope_id;
        std::memcpy(to.bytes_.data(), &v6_.sin6_addr, sizeof v6_.sin6_addr);
    } else if (any_.sa_family == AF_INET) {
        to.port_ = ntohs(v4_.sin_port);
        std::memcpy(to.bytes_.data(), &v4_.sin_addr, sizeof v4_.sin_addr);
    }
    return to;
}

net::endpoint endpoint_of(int fd, int (*ask)(int, sockaddr*, socklen_t*) noexcept) noexcept {
    socket_address address;
    return ask(fd, address.get(), &address.size()) == 0 ? address.to_address() : net::endpoint();
}

}  // namespace amphi::detail
