// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/net/unix_address.hpp>

#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace amphi::detail {

/// The name of a Unix socket as the kernel takes it and gives it.
class unix_socket_address {
public:
    unix_socket_address() noexcept = default;
    explicit unix_socket_address(const net::unix_address& from) noexcept;

    [[nodiscard]] net::unix_address to_address() const noexcept;

    [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&address_); }
    [[nodiscard]] const sockaddr* get() const noexcept {
        return reinterpret_cast<const sockaddr*>(&address_);
    }
    /// In: how much of it is used, or room; out: what the kernel has written.
    [[nodiscard]] socklen_t& size() noexcept { return size_; }
    [[nodiscard]] socklen_t size() const noexcept { return size_; }

private:
    sockaddr_un address_{};
    socklen_t size_ = sizeof(sockaddr_un);
};

/// The end of `fd` that `ask` (getsockname or getpeername) tells; unnamed when it refuses.
[[nodiscard]] net::unix_address
unix_address_of(int fd, int (*ask)(int, sockaddr*, socklen_t*) noexcept) noexcept;

/// Whom `fd` is connected to, for messages.
[[nodiscard]] std::string unix_peer_name(int fd);

}  // namespace amphi::detail
