// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

#include <liburing.h>

namespace amphi::detail {

/// Says what keeps this process from having an io_uring that can do what we need.
[[noreturn]] void throw_uring_refused(int error);

/// An io_uring with the best flags that this kernel has: what is submitted is collected and goes
/// with the next `look` or `wait`.
///
/// Threads: the one that made it, and none but it: with a single issuer the kernel refuses others.
/// The destructor may run on any thread once the first one is done with it.
class uring {
public:
    struct sizes {
        unsigned submissions;
        unsigned completions;
    };

    /// Throws `std::system_error`: EPERM where it is forbidden, ENOSYS where there is none, EINVAL
    /// where it cannot wait with a timeout (before Linux 5.11).
    explicit uring(sizes wished);
    uring(const uring&) = delete;
    uring& operator=(const uring&) = delete;
    ~uring();

    /// Makes room for `count` submissions, if need be by submitting. False while the kernel takes
    /// none.
    [[nodiscard]] bool make_room(unsigned count) noexcept;

    /// Needs room for one. A completion with `key` for each time that `events` (epoll(7)'s) come,
    /// those that are there already included; once if not `repeated`.
    void poll_add(int fd, std::uint32_t events, bool repeated, std::uint64_t key) noexcept;
    /// Needs room for one. Ends what `poll_add` began with `key`; completes with `own_key`.
    void poll_remove(std::uint64_t key, std::uint64_t own_key) noexcept;

    /// Needs room for one. A send(2) that does not wait and raises no signal: completes with its
    /// result, or a negated errno, when it is submitted.
    void send(int fd, std::span<const std::byte> bytes, std::uint64_t key) noexcept;

    /// Submits and fetches what has completed; enters the kernel if there is something to do there.
    /// These two return zero or an errno, ETIME when `until` has passed.
    int look() noexcept;
    /// Submits and waits for a completion.
    int wait(time_point until) noexcept;

    struct completion {
        std::uint64_t key = 0;
        std::int32_t result = 0;  // events, bytes, or a negated errno
        bool more = false;        // others with this key follow
    };

    /// Takes the next completion that was fetched. False when there is none.
    [[nodiscard]] bool take(completion& into) noexcept;
    /// The key of the one that comes `count` after the next; zero when so many were not fetched.
    [[nodiscard]] std::uint64_t key_ahead(unsigned count) const noexcept;

    /// How often it has entered the kernel to wait or to look.
    [[nodiscard]] std::uint64_t entered() const noexcept { return entered_; }
    /// Whether something is to be submitted or fetched.
    [[nodiscard]] bool has_business_in_the_kernel() const noexcept;

private:
    io_uring ring_;
    std::uint64_t entered_ = 0;
};

}  // namespace amphi::detail
