// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/asymmetric_fence.hpp>

#include <amphi/base/assert.hpp>
#include <amphi/base/atomic.hpp>

#include <atomic>
#include <cerrno>
#include <cstdint>

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace amphi::detail {

#if defined(AMPHI_INTERLEAVE)

namespace {
// seq_cst read-modify-writes of one cell are in one order, and who comes later has seen who came
// before: what two fences do, for the model of memory.
atomic<std::uint32_t> fences{0};
}  // namespace

void full_fence() noexcept {
    fences.fetch_add(1, std::memory_order_seq_cst);  // sync: base.fence
}

void prepare_asymmetric_fences() noexcept {}

void heavy_fence() noexcept {
    full_fence();
}

#else

bool fences_are_asymmetric = false;

void full_fence() noexcept {
    __sync_synchronize();
}

void prepare_asymmetric_fences() noexcept {
    // Once for the process, before there is a thread that reads it. A fork keeps what its parent
    // has registered.
    [[maybe_unused]] static const bool registered = [] {
        fences_are_asymmetric =
            ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0U, 0) == 0;
        return fences_are_asymmetric;
    }();
}

void heavy_fence() noexcept {
    if (!fences_are_asymmetric) return full_fence();
    while (::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0U, 0) != 0)
        AMPHI_ASSERT(errno == EINTR || errno == EAGAIN || errno == ENOMEM);
}

#endif

}  // namespace amphi::detail
