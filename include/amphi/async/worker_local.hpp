// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <memory>
#include <utility>

namespace amphi::detail {

/// What a library keeps on an async worker, one of a type: made there at the first use, and ended
/// after the worker's last task and before its driver. A thread-local would not do: a runtime
/// `on_caller()` is driven by one thread after another, and the thread outlives the worker.
///
/// Threads: the worker's. It is ended there too, or where a runtime `on_caller()` ends.
class AMPHI_EXPORT worker_local {
public:
    worker_local() noexcept = default;
    worker_local(const worker_local&) = delete;
    worker_local& operator=(const worker_local&) = delete;
    virtual ~worker_local();

    /// On an async worker: its `T`, a type derived from this one.
    template <class T>
    [[nodiscard]] static T& of_this_worker() {
        if (worker_local* const kept = find(&key<T>)) return static_cast<T&>(*kept);
        auto made = std::make_unique<T>();
        T& result = *made;
        keep(&key<T>, std::move(made));
        return result;
    }

private:
    // Its address stands for the type.
    template <class T>
    static constexpr char key = 0;

    [[nodiscard]] static worker_local* find(const void* type) noexcept;
    static void keep(const void* type, std::unique_ptr<worker_local> made);
};

}  // namespace amphi::detail
