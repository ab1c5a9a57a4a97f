// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/worker_local.hpp>

#include "worker.hpp"

#include <memory>
#include <utility>

namespace amphi::detail {

worker_local::~worker_local() = default;

worker_local* worker_local::find(const void* type) noexcept {
    return this_worker()->find_local(type);
}

void worker_local::keep(const void* type, std::unique_ptr<worker_local> made) {
    this_worker()->keep_local(type, std::move(made));
}

}  // namespace amphi::detail
