// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/trace.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace amphi::detail {

/// What few tasks have: made when first asked for, so that the others pay one pointer.
/// Threads: the task itself; number and name as its block says.
class AMPHI_EXPORT task_extras {
public:
    task_extras();
    task_extras(const task_extras&) = delete;
    task_extras& operator=(const task_extras&) = delete;

    /// Those of the task that runs on this thread; null outside of tasks, or when it has none and
    /// `make` is false.
    [[nodiscard]] static task_extras* of_this_task(bool make);

    /// The value kept under a key, or null.
    [[nodiscard]] const std::shared_ptr<void>* find(const void* key) const noexcept;
    void set(const void* key, std::shared_ptr<void> value);
    void erase(const void* key) noexcept;

    /// On a plain thread: gives it the task's name, cut to what the kernel takes, until the task
    /// ends.
    void name_this_thread();

    /// The task's code has ended: lets go of its values, and gives the thread its name back. Number
    /// and name stay.
    void end_with_code() noexcept;

    const std::uint64_t id;
    std::string name;
    std::size_t stack_bytes = 0;  ///< of the plain thread that it asked for; zero: any
    trace error_trace;            ///< of what left the task

private:
    /// The name that the thread had before the task named it; empty: it did not.
    std::string name_of_thread_;
    std::vector<std::pair<const void*, std::shared_ptr<void>>> locals_;
};

}  // namespace amphi::detail
