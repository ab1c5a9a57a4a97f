// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/worker_job.hpp>
#include <amphi/base/assert.hpp>

#include "worker.hpp"

namespace amphi::detail {

void worker_job::bind_to_this_worker() noexcept {
    worker_ = this_worker();
    AMPHI_ASSERT(worker_ != nullptr);
}

bool worker_job::is_on_its_worker() const noexcept {
    return worker_ == this_worker();
}

void worker_job::post() noexcept {
    worker_->post(*this);
}

}  // namespace amphi::detail
