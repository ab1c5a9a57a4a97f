// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace amphi::detail {

/// Something that a thread of a compute pool runs once. It lives with whoever made it: a forked one
/// on the stack of its fork.
class job {
public:
    using function = void (*)(job&) noexcept;

    job(const job&) = delete;
    job& operator=(const job&) = delete;

    /// `*this` may be gone when it returns.
    void run() noexcept { function_(*this); }

protected:
    explicit job(function f) noexcept : function_(f) {}
    ~job() = default;

private:
    friend class job_queue;
    const function function_;
    // Set in a `job_queue` alone: most jobs are never in one, and writing it would cost each fork.
    job* next_;
};

}  // namespace amphi::detail
