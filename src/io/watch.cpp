// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/watch.hpp>

#include <amphi/async/driver.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include <poll.h>
#include <sys/epoll.h>

namespace amphi::detail {

void watch::attach_first(int fd) {
    const lock_guard guard(attaching_);
    if (is_attached() || !pollable_) return;
    // Made here if need be: that it is refused, also with EPERM, says nothing about the file.
    (void)driver_of_this_worker();
    try {
        attach(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    } catch (const std::system_error& error) {
        // A regular file: always ready, as poll(2) says too.
        if (error.code().value() != EPERM) throw;
        pollable_ = false;
        on_events(EPOLLIN | EPOLLOUT);
    }
}

bool watch::take(direction d) noexcept {
    atomic<bool>& ready = ready_[static_cast<std::size_t>(d)];
    if (!ready.load(std::memory_order_relaxed)) return false;
    const lock_guard guard(lock_);
    return ready.exchange(false, std::memory_order_relaxed);
}

void watch::take_or_wait(direction d, watch_waiter& node, ticket t) noexcept {
    const auto index = static_cast<std::size_t>(d);
    const lock_guard guard(lock_);
    if (!ready_[index].load(std::memory_order_relaxed)) {
        node.parked = t;
        waiting_[index].push_back(node);
    } else if (t.claim() != claim_result::lost) {
        ready_[index].store(false, std::memory_order_relaxed);
    }
}

void watch::withdraw(direction d, watch_waiter& node) noexcept {
    const lock_guard guard(lock_);
    waiting_[static_cast<std::size_t>(d)].remove(node);
}

void watch::on_events(std::uint32_t events) noexcept {
    const std::array<std::uint32_t, 2> meant{
        EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR, EPOLLOUT | EPOLLHUP | EPOLLERR
    };
    const lock_guard guard(lock_);
    if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0) ended_.store(true, std::memory_order_relaxed);
    for (std::size_t d = 0; d < meant.size(); ++d) {
        if ((events & meant[d]) == 0) continue;
        // Who waits gets the edge; without anybody it is kept.
        bool taken = false;
        while (watch_waiter* const node = waiting_[d].pop_front()) {
            const claim_result result = node->parked.claim();
            taken = taken || result != claim_result::lost;
            if (result == claim_result::must_wake) node->parked.wake();
        }
        if (!taken) ready_[d].store(true, std::memory_order_relaxed);
    }
}

void ready_operation::describe(ticket t) noexcept {
    const short events = direction_ == direction::read ? POLLIN : POLLOUT;
    kernel_wait_ = {fd_, events, t.source()};
}

}  // namespace amphi::detail
