// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/net/endpoint.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace amphi::detail {

/// An endpoint as the kernel takes it and gives it.
class socket_address {
public:
    socket_address() noexcept = default;
    explicit socket_address(const net::endpoint& from) noexcept;
    /// From one of the two families, as getaddrinfo(3) gives it.
    socket_address(const sockaddr& from, socklen_t size) noexcept;

    [[nodiscard]] net::endpoint to_address() const noexcept;

    [[nodiscard]] sockaddr* get() noexcept { return &any_; }
    [[nodiscard]] const sockaddr* get() const noexcept { return &any_; }
    /// In: how much of it is used, or room; out: what the kernel has written.
    [[nodiscard]] socklen_t& size() noexcept { return size_; }
    [[nodiscard]] socklen_t size() const noexcept { return size_; }
    /// Of that family.
    [[nodiscard]] const sockaddr_in& v4() const noexcept { return v4_; }
    [[nodiscard]] const sockaddr_in6& v6() const noexcept { return v6_; }
    [[nodiscard]] int family() const noexcept { return any_.sa_family; }

private:
    union {
        sockaddr any_;
        sockaddr_in v4_;
        sockaddr_in6 v6_{};
    };
    socklen_t size_ = sizeof(sockaddr_in6);
};

/// The end of `fd` that `ask` (getsockname or getpeername) tells; 0.0.0.0:0 when it refuses.
[[nodiscard]] net::endpoint
endpoint_of(int fd, int (*ask)(int, sockaddr*, socklen_t*) noexcept) noexcept;

}  // namespace amphi::detail
