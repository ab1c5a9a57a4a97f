// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/worker_job.hpp>

#include <amphi/base/assert.hpp>

#include "worker.hpp"

namespace amphi::detail {

void worker_job::bind_to_this_worker() noexcept {
    worker_ = this_worker();
    AMPHI_ASSERT(worker_ != nullptr);
}

void worker_job::post() noexcept {
    worker_->post(*this);
}

void worker_job::take_back() noexcept {
    worker_->take_back(*this);
}

}  // namespace amphi::detail
