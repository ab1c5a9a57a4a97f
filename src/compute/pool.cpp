// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/pool.hpp>

#include <amphi/base/fork.hpp>

#include "compute_core.hpp"

#include <cstddef>
#include <memory>

namespace amphi {

namespace {

detail::compute_core* make_shared_pool() {
    // Short, since the kernel keeps 15 bytes, the number included.
    return new detail::compute_core(compute_options().name("amphi-cpu"));
}

detail::compute_core& shared_pool() {
    return detail::one_per_process<detail::compute_core, make_shared_pool>();
}

}  // namespace

compute_pool::compute_pool(const compute_options& options)
    : core_(std::make_unique<detail::compute_core>(options)) {}

compute_pool::~compute_pool() = default;

std::size_t compute_pool::workers() const noexcept {
    return core_->workers().size();
}

detail::scheduler* compute_pool::home() const noexcept {
    return core_.get();
}

std::size_t compute_executor::workers() const {
    return shared_pool().workers().size();
}

detail::scheduler* compute_executor::home() {
    return &shared_pool();
}

}  // namespace amphi
