// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/task.hpp>

#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace amphi::detail {

/// A listening socket, and a descriptor to give up for a connection when no other is left.
class acceptor {
public:
    explicit acceptor(descriptor owned) : fd(std::move(owned)), reserve_(open_reserve()) {}
    acceptor(const acceptor&) = delete;
    acceptor& operator=(const acceptor&) = delete;

    /// Waits for the next connection and writes down who it is from, in `peer`, where there is room
    /// for `size` bytes.
    [[nodiscard]] task<descriptor> accept(sockaddr* peer, socklen_t size);

    /// What it listens on.
    [[nodiscard]] virtual std::string name() const = 0;
    /// Whom a connection is from that was turned away; nothing where that says nothing.
    [[nodiscard]] virtual std::string name_of(const sockaddr& peer, socklen_t size) const = 0;

    descriptor fd;
    watch readiness;  // leaves the driver before the descriptor is closed

protected:
    ~acceptor() = default;

private:
    [[nodiscard]] static descriptor open_reserve() noexcept;
    /// Takes a connection with the reserved descriptor and closes it. What to say of it.
    [[nodiscard]] std::string turn_one_away(sockaddr* peer, socklen_t size);

    descriptor reserve_;
};

}  // namespace amphi::detail
