// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/splitter.hpp>

#include <amphi/compute/worker.hpp>

#include "compute_core.hpp"

#include <cstddef>

namespace amphi::detail {

std::size_t threads_beside(const compute_worker& here) noexcept {
    return here.pool().workers().size();
}

}  // namespace amphi::detail
