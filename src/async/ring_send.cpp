// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/ring_send.hpp>

#include <amphi/task/waiter.hpp>

#include "worker.hpp"

#include <cstddef>

namespace amphi::detail {

namespace {

// Beyond it a send is mostly the copy of its bytes, and the others would wait for many of them.
constexpr std::size_t bytes_max = std::size_t{16} * 1024;

}  // namespace

bool ring_send::begin() noexcept {
    if (bytes_.size() > bytes_max) return false;
    worker* const here = this_worker();
    return here != nullptr && here->has_more_to_run() && here->begin(*this);
}

void ring_send::complete(int result) noexcept {
    result_ = result;
    if (parked_.claim() == claim_result::must_wake) parked_.wake();
}

}  // namespace amphi::detail
