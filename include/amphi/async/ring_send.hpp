// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <span>

namespace amphi::detail {

/// A send(2) that an async worker's io_uring makes together with those of other tasks, when the
/// worker next enters the ring: one system call for all of them. In between the task is suspended,
/// so it pays only where other tasks are runnable; else call send(2).
///
///     ring_send sent(fd, bytes);
///     if (sent.begin()) result = co_await sent;
///
/// It does not wait in the kernel: a socket that takes nothing says EAGAIN, as send(2) does on a
/// non-blocking one. So it ends with the worker's next turn, and the bytes are the kernel's no
/// longer than that.
///
/// Threads: those of the task. Cancellation: none; what was begun ends, soon. Lifetime: `fd` and
/// the bytes until its end; between a `begin` that said true and the await nothing may suspend or
/// throw.
class AMPHI_EXPORT ring_send final : public operation<ring_send> {
public:
    static constexpr bool cancellable = false;

    ring_send(int fd, std::span<const std::byte> bytes) noexcept : bytes_(bytes), fd_(fd) {}

    /// False, and nothing happens, where it does not pay or cannot be done: many bytes, nobody else
    /// to run, no worker, no ring.
    [[nodiscard]] bool begin() noexcept;

    [[nodiscard]] bool poll() const noexcept { return false; }
    // Whatever ends it runs on this very thread, later: no lock is needed.
    void publish(ticket t) noexcept { parked_ = t; }
    void withdraw() const noexcept {}
    /// The bytes that were sent, or a negated errno.
    [[nodiscard]] int result() const noexcept { return result_; }

    // The driver's:
    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
    void complete(int result) noexcept;

private:
    std::span<const std::byte> bytes_;
    ticket parked_;
    int fd_;
    int result_ = 0;
};

}  // namespace amphi::detail
