// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/export.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

#include <optional>
#include <span>

namespace amphi {

namespace detail {

/// Asks poll(2), without waiting. Throws `std::system_error` when `fd` is not open.
[[nodiscard]] AMPHI_EXPORT bool is_ready_now(int fd, direction d);

/// Waits for a descriptor that the library does not own.
class descriptor_ready : public operation<descriptor_ready> {
public:
    descriptor_ready(int fd, direction d) noexcept : fd_(fd), direction_(d) {}

    [[nodiscard]] AMPHI_EXPORT bool poll();
    AMPHI_EXPORT void publish(ticket t) noexcept;
    void withdraw() noexcept {
        if (registered_) registered_->readiness.withdraw(direction_, node_);
    }
    void result() const noexcept {}

    [[nodiscard]] std::span<const descriptor_wait> kernel_waits() const noexcept {
        return {&kernel_wait_, 1};
    }

private:
    /// On async a duplicate is registered: the same file may be waited for more than once, and the
    /// owner may close the number meanwhile without another file's events coming here.
    class registration {
    public:
        explicit registration(int fd);
        descriptor duplicate;
        watch readiness;  // leaves the driver before the duplicate is closed
    };

    int fd_;
    direction direction_;
    std::optional<registration> registered_;
    watch_waiter node_;
    descriptor_wait kernel_wait_{-1, 0, 0};
};

}  // namespace detail

/// Waits until reading from `fd` would not block: there is data, the end, or an error. For any
/// descriptor: a foreign library's socket, a pipe, a terminal, an eventfd. A regular file is always
/// ready. Another reader may come first: let `fd` be non-blocking, or be its only reader.
///
/// Cancellation: ends at once; nothing is transferred, so nothing is lost.
/// Lifetime: keep `fd` open until the wait has ended.
/// Errors: `std::system_error`, also for a number that is not open.
/// Cost: a poll(2); when it has to wait on async, a duplicate that is registered for the duration.
[[nodiscard("co_await it")]] inline detail::descriptor_ready readable(int fd) noexcept {
    return {fd, detail::direction::read};
}

/// Waits until writing to `fd` would not block. As `readable` in all else.
[[nodiscard("co_await it")]] inline detail::descriptor_ready writable(int fd) noexcept {
    return {fd, detail::direction::write};
}

}  // namespace amphi
