// SPDX-License-Identifier: BSL-1.0
#include "uring.hpp"

#include <amphi/base/assert.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include <liburing.h>
#include <sys/socket.h>

namespace amphi::detail {

namespace {

constexpr unsigned features_needed =
    // Completions are never lost, and the kernel has read a submission when it has taken it.
    IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE |
    // epoll's 32 bits of events; a wait with a timeout.
    IORING_FEAT_POLL_32BITS | IORING_FEAT_EXT_ARG;

// From the best to what each kernel has. With the first the kernel completes our requests when we
// ask for them and never interrupts the thread for it (Linux 6.1); with the second, when the thread
// is in the kernel anyway (5.19). Both raise a flag when there is something to ask for.
constexpr unsigned flags_by_preference[] = {
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    0,
};

// From Linux 6.13 on the kernel completes about 20 requests in a call, and says that there are
// more.
constexpr int looks_max = 13;

const char* advice(int error) noexcept {
    switch (error) {
    case EPERM:
        return "(forbidden by a container's filter or by kernel.io_uring_disabled)";
    case ENOSYS:
        return "(this kernel was built without it, or a filter hides it)";
    case ENOMEM:
        return "(no memory, or too little may be locked: raise `ulimit -l`)";
    case EINVAL:
        return "(this kernel's is too old)";
    default:
        return "";
    }
}

}  // namespace

void throw_uring_refused(int error) {
    throw_system_error(error, "make an io_uring", advice(error));
}

uring::uring(sizes wished) {
    int error = -EINVAL;
    io_uring_params params{};
    for (const unsigned flags : flags_by_preference) {
        params = {};
        params.flags = flags | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE;
        params.cq_entries = wished.completions;
        error = io_uring_queue_init_params(wished.submissions, &ring_, &params);
        if (error != -EINVAL) break;
    }
    if (error != 0) throw_uring_refused(-error);
    if ((params.features & features_needed) != features_needed) {
        io_uring_queue_exit(&ring_);
        throw_uring_refused(EINVAL);
    }
}

uring::~uring() {
    io_uring_queue_exit(&ring_);
}

bool uring::make_room(unsigned count) noexcept {
    // Fails with EBUSY or EAGAIN when the kernel wants completions to be taken first.
    if (io_uring_sq_space_left(&ring_) < count) io_uring_submit(&ring_);
    return io_uring_sq_space_left(&ring_) >= count;
}

void uring::poll_add(int fd, std::uint32_t events, bool repeated, std::uint64_t key) noexcept {
    io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
    AMPHI_ASSERT(entry != nullptr);
    if (repeated)
        io_uring_prep_poll_multishot(entry, fd, events);
    else
        io_uring_prep_poll_add(entry, fd, events);
    io_uring_sqe_set_data64(entry, key);
}

void uring::poll_remove(std::uint64_t key, std::uint64_t own_key) noexcept {
    io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
    AMPHI_ASSERT(entry != nullptr);
    // Not IORING_OP_POLL_REMOVE: that one gives up when an event is just coming in.
    io_uring_prep_cancel64(entry, key, 0);
    io_uring_sqe_set_data64(entry, own_key);
}

void uring::send(int fd, std::span<const std::byte> bytes, std::uint64_t key) noexcept {
    io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
    AMPHI_ASSERT(entry != nullptr);
    // With MSG_DONTWAIT the kernel gives up where it would else wait for room.
    io_uring_prep_send(entry, fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    io_uring_sqe_set_data64(entry, key);
}

bool uring::has_business_in_the_kernel() const noexcept {
    return io_uring_sq_ready(&ring_) != 0 || (IO_URING_READ_ONCE(*ring_.sq.kflags) &
                                              (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

int uring::look() noexcept {
    int error = 0;
    for (int round = 0; round < looks_max && error == 0 && has_business_in_the_kernel(); ++round) {
        ++entered_;
        error = -std::min(io_uring_submit_and_get_events(&ring_), 0);
    }
    return error;
}

int uring::wait(time_point until) noexcept {
    __kernel_timespec timeout{};
    if (until != never) {
        const auto left = std::max(until - clock::now(), duration::zero());
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        timeout = {seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
    }
    io_uring_cqe* first = nullptr;
    ++entered_;
    const int error = -std::min(
        io_uring_submit_and_wait_timeout(
            &ring_, &first, 1, until == never ? nullptr : &timeout, nullptr
        ),
        0
    );
    return error != 0 ? error : look();
}

std::uint64_t uring::key_ahead(unsigned count) const noexcept {
    if (io_uring_cq_ready(&ring_) <= count) return 0;
    return ring_.cq.cqes[(*ring_.cq.khead + count) & *ring_.cq.kring_mask].user_data;
}

bool uring::take(completion& into) noexcept {
    unsigned head = 0;
    const io_uring_cqe* entry = nullptr;
    io_uring_for_each_cqe(&ring_, head, entry) {
        into = {entry->user_data, entry->res, (entry->flags & IORING_CQE_F_MORE) != 0};
        io_uring_cq_advance(&ring_, 1);
        return true;
    }
    return false;
}

}  // namespace amphi::detail
