// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>

namespace amphi::detail {

class worker;

/// A call to be made on one async worker, by its loop and not inside anything else there: for those
/// who drive a library that belongs to that worker's thread. An event source and a timer may only
/// take notes where they are called, and post; a task that was stolen posts to the worker that its
/// business stayed with.
///
/// It is part of whoever posts it, so posting allocates nothing and cannot fail. Posted again
/// before it has run, it runs once.
///
/// Threads: `post` from any thread; the rest on the worker. Lifetime: not destroyed while posted.
class AMPHI_EXPORT worker_job : public list_node<worker_job> {
public:
    /// On an async worker: from now on that is where the job runs.
    void bind_to_this_worker() noexcept;

    /// `run` is called soon: after what the worker does now.
    void post() noexcept;

    /// On its worker: a post whose run has not begun is void. Nothing when there is none.
    void take_back() noexcept;

protected:
    worker_job() noexcept = default;
    ~worker_job() = default;

private:
    friend class worker;
    virtual void run() noexcept = 0;

    worker* worker_ = nullptr;
};

}  // namespace amphi::detail
