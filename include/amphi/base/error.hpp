// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <exception>
#include <stdexcept>
#include <string>

namespace amphi {

/// Thrown at an await whose task was asked to stop. It is not a failure: a scope that cancels its
/// children swallows it.
class AMPHI_EXPORT operation_cancelled : public std::exception {
public:
    operation_cancelled() noexcept;
    operation_cancelled(const operation_cancelled&) noexcept = default;
    operation_cancelled& operator=(const operation_cancelled&) noexcept = default;
    ~operation_cancelled() override;
    [[nodiscard]] const char* what() const noexcept override;
};

/// Thrown at an await whose deadline has passed. `owner` identifies the `timeout` that set it.
class AMPHI_EXPORT timed_out : public std::exception {
public:
    explicit timed_out(const void* owner = nullptr) noexcept;
    timed_out(const timed_out&) noexcept = default;
    timed_out& operator=(const timed_out&) noexcept = default;
    ~timed_out() override;
    [[nodiscard]] const char* what() const noexcept override;
    [[nodiscard]] const void* owner() const noexcept { return owner_; }

private:
    const void* owner_;
};

/// Thrown by `run` and `wait` on an async worker, where blocking would stop every other task.
class AMPHI_EXPORT would_block_worker : public std::logic_error {
public:
    explicit would_block_worker(const char* operation);
    would_block_worker(const would_block_worker&) noexcept = default;
    would_block_worker& operator=(const would_block_worker&) noexcept = default;
    ~would_block_worker() override;
};

namespace detail {

/// What an exception says of itself, for a line of text.
[[nodiscard]] AMPHI_EXPORT std::string message_of(const std::exception_ptr& error);

/// Throws `std::system_error` for `error` (an errno), saying what was being done and to what.
[[noreturn]] AMPHI_EXPORT void
throw_system_error(int error, const char* operation, const std::string& subject = {});

}  // namespace detail
}  // namespace amphi
