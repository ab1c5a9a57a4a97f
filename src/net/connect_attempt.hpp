// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>

#include "tcp_socket.hpp"

#include <cerrno>
#include <memory>

namespace amphi::detail {

/// One address that is being connected to. Destroyed before it is taken, it is given up.
class connect_attempt {
public:
    /// Begins, and does not wait. Throws when there is no socket to be had.
    explicit connect_attempt(const net::endpoint& to);

    /// Zero: connected; EINPROGRESS: not yet; else why not.
    [[nodiscard]] int error() const noexcept { return error_; }
    /// Looks again. Call it when the socket may be writable.
    int look() noexcept;

    [[nodiscard]] tcp_socket& socket() const noexcept { return *socket_; }
    [[nodiscard]] net::tcp_stream take();

private:
    void conclude(int error) noexcept;

    std::unique_ptr<tcp_socket> socket_;
    int error_ = EINPROGRESS;
};

}  // namespace amphi::detail
