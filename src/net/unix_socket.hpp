// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/net/unix_address.hpp>

#include "acceptor.hpp"
#include "socket_file.hpp"
#include "stream_socket.hpp"
#include "unix_socket_address.hpp"

#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace amphi::detail {

/// A connected Unix stream. Whom it goes to the kernel knows, also when the peer has gone.
class unix_socket final : public stream_socket {
public:
    explicit unix_socket(descriptor owned) noexcept
        : stream_socket(std::move(owned), short_read::says_little) {}

    [[noreturn]] void fail(int error, const char* operation) const override {
        throw_system_error(error, operation, unix_peer_name(fd.get()));
    }
};

/// A listening Unix socket, and the file that it has made.
class unix_acceptor final : public acceptor {
public:
    explicit unix_acceptor(descriptor owned) : acceptor(std::move(owned)) {}

    [[nodiscard]] std::string name() const override { return to_string(local); }
    /// Clients mostly have no name.
    [[nodiscard]] std::string name_of(const sockaddr&, socklen_t) const override { return {}; }

    socket_file file;  // removed before the socket is closed
    net::unix_address local;
};

}  // namespace amphi::detail
