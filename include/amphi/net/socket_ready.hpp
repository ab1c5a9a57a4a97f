// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

#include <span>

namespace amphi::detail {

/// Waits until a direction of a socket of the library is ready: what `amphi::readable` does, with
/// the registration that the socket has anyway.
class socket_ready : public operation<socket_ready> {
public:
    /// `drained`, if not null: the reader's note that the next read waits before it tries.
    socket_ready(watch& on, int fd, direction d, bool* drained = nullptr) noexcept
        : ready_(on, fd, d)
        , watch_(on)
        , fd_(fd)
        , direction_(d)
        , drained_(drained) {}

    [[nodiscard]] AMPHI_EXPORT bool poll();
    void publish(ticket t) noexcept { ready_.publish(t); }
    void withdraw() noexcept { ready_.withdraw(); }
    void result() const noexcept {}

    [[nodiscard]] std::span<const descriptor_wait> kernel_waits() const noexcept {
        return ready_.kernel_waits();
    }

private:
    ready_operation ready_;
    watch& watch_;
    int fd_;
    direction direction_;
    bool* drained_;
};

}  // namespace amphi::detail
