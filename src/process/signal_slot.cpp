// SPDX-License-Identifier: BSL-1.0
#include "signal_slot.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/futex.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::detail {

void signal_slot::tell(int number) noexcept {
    const std::uint32_t before =
        visitors_.fetch_add(1, std::memory_order_acquire);  // sync: process.slot
    if ((before & closed) == 0 && (wanted_ & bit_of(number)) != 0) {
        const auto index = static_cast<std::size_t>(number);
        const auto byte = static_cast<unsigned char>(number);
        // It fits: no signal has two bytes in the pipe.
        if (!told_[index].exchange(true, std::memory_order_relaxed))
            (void)!::write(write_end_, &byte, 1);
    }
    const std::uint32_t inside =
        visitors_.fetch_sub(1, std::memory_order_release);  // sync: process.slot
    if (inside == (closed | 1)) futex_wake(&visitors_, 1);
}

std::optional<int> signal_slot::take() {
    unsigned char number = 0;
    ssize_t count = 0;
    do
        count = ::read(read_end_, &number, 1);
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno != EAGAIN) throw_system_error(errno, "receive a signal");
    if (count != 1) return std::nullopt;
    told_[number].store(false, std::memory_order_relaxed);
    return number;
}

void signal_slot::open(signal_set wanted) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        throw_system_error(errno, "make a pipe for signals");
    read_end_ = ends[0];
    write_end_ = ends[1];
    wanted_ = wanted;
    for (atomic<bool>& each : told_)
        each.store(false, std::memory_order_relaxed);
    visitors_.fetch_sub(closed, std::memory_order_release);  // sync: process.slot
}

void signal_slot::close() noexcept {
    std::uint32_t inside =
        visitors_.fetch_add(closed, std::memory_order_acquire) + closed;  // sync: process.slot
    while (inside != closed) {
        // A handler waits for nothing. One on this thread has ended before this goes on.
        futex_wait(visitors_, inside);
        inside = visitors_.load(std::memory_order_acquire);  // sync: process.slot
    }
    wanted_ = 0;
    descriptor(read_end_).reset();
    descriptor(write_end_).reset();
}

void signal_slot::separate_from_parent() noexcept {
    const bool was_open = is_open();
    // Handlers that other threads were in are not here. Closed until the pipe is not the parent's.
    visitors_.store(closed, std::memory_order_relaxed);
    if (!was_open) return;
    std::array<int, 2> ends{-1, -1};
    (void)!::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK);
    const descriptor reads(ends[0]);
    const descriptor writes(ends[1]);
    if (!reads || !writes || ::dup3(reads.get(), read_end_, O_CLOEXEC) < 0 ||
        ::dup3(writes.get(), write_end_, O_CLOEXEC) < 0) {
        // Without a descriptor left the listener finds its pipe closed, rather than its parent's,
        // and not what is opened under these numbers later.
        ::close(std::exchange(read_end_, -1));
        ::close(std::exchange(write_end_, -1));
    }
    for (atomic<bool>& each : told_)
        each.store(false, std::memory_order_relaxed);
    visitors_.store(0, std::memory_order_release);  // sync: process.slot
}

}  // namespace amphi::detail
