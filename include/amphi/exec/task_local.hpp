// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/task_extras.hpp>

#include <memory>
#include <stdexcept>
#include <utility>

namespace amphi {

/// A variable of which each spawned task has its own, in both lives: it follows the task from
/// worker to worker, as a `thread_local` would not. It is empty in a new task, and not inherited.
///
///     inline amphi::task_local<std::string> request_id;
///     request_id.set("a7");
///     if (const std::string* id = request_id.get()) ...
///
/// Threads: each task sees only its own value. Lifetime: the value ends with the task; the variable
/// itself has to outlive every task that uses it.
template <class T>
class task_local {
public:
    task_local() = default;
    task_local(const task_local&) = delete;
    task_local& operator=(const task_local&) = delete;

    /// This task's value; null when it has none, and outside of tasks.
    [[nodiscard]] T* get() const {
        const detail::task_extras* const extras = detail::task_extras::of_this_task(false);
        const auto* const found = extras != nullptr ? extras->find(this) : nullptr;
        return found != nullptr ? static_cast<T*>(found->get()) : nullptr;
    }

    /// Throws `std::logic_error` outside of tasks.
    template <class... Args>
    T& set(Args&&... args) {
        detail::task_extras* const extras = detail::task_extras::of_this_task(true);
        if (extras == nullptr)
            throw std::logic_error("task_local::set is called outside of a task");
        auto value = std::make_shared<T>(std::forward<Args>(args)...);
        T& set = *value;
        extras->set(this, std::move(value));
        return set;
    }

    void reset() const noexcept {
        if (detail::task_extras* const extras = detail::task_extras::of_this_task(false))
            extras->erase(this);
    }
};

}  // namespace amphi
