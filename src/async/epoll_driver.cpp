// SPDX-License-Identifier: BSL-1.0
#include "epoll_driver.hpp"

#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/lock.hpp>

#include "prefetch.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace amphi::detail {

namespace {

constexpr std::uint64_t wake_key = ~std::uint64_t{0};
constexpr int events_max = 256;

// How far ahead the next sources are asked for, and how much of each its events need.
constexpr std::size_t sources_ahead = 4;
constexpr std::size_t source_bytes = 128;

}  // namespace

epoll_driver::epoll_driver()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC))
    , wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!epoll_ || !wake_) throw_system_error(errno, "make an epoll driver");
    epoll_event event{};
    // Edge-triggered: each write is reported once, and nobody has to read it back.
    event.events = EPOLLIN | EPOLLET;
    event.data.u64 = wake_key;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0)
        throw_system_error(errno, "watch the wake-up descriptor of an epoll driver");
}

epoll_driver::~epoll_driver() {
    // What was made on a runtime may outlive it: then it is attached to nothing any more.
    const lock_guard guard(lock_);
    for (const slot& s : slots_)
        if (s.source != nullptr) s.source->driver_.store(nullptr, std::memory_order_relaxed);
}

std::uint64_t epoll_driver::key_of(std::uint32_t index) const noexcept {
    return std::uint64_t{slots_[index].generation} << 32 | index;
}

void epoll_driver::attach(event_source& source, int fd, std::uint32_t events) {
    const lock_guard guard(lock_);
    if (free_slots_.empty()) {
        // Room for all of them, so that `detach` cannot fail.
        if (free_slots_.capacity() <= slots_.size()) free_slots_.reserve(2 * slots_.size() + 16);
        slots_.emplace_back();
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
    const std::uint32_t index = free_slots_.back();
    epoll_event event{};
    event.events = events;
    event.data.u64 = key_of(index);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        throw_system_error(errno, "watch descriptor", std::to_string(fd));
    free_slots_.pop_back();
    slots_[index].source = &source;
    source.driver_.store(this, std::memory_order_relaxed);
    source.fd_ = fd;
    source.slot_ = index;
}

void epoll_driver::modify(event_source& source, std::uint32_t events) {
    const lock_guard guard(lock_);
    epoll_event event{};
    event.events = events;
    event.data.u64 = key_of(source.slot_);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, source.fd_, &event) != 0)
        throw_system_error(errno, "watch descriptor", std::to_string(source.fd_));
}

void epoll_driver::detach(event_source& source) noexcept {
    const lock_guard guard(lock_);
    epoll_event ignored{};
    // Fails when the descriptor is closed already: then it has left the set by itself.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, source.fd_, &ignored);
    slot& freed = slots_[source.slot_];
    freed.source = nullptr;
    ++freed.generation;
    free_slots_.push_back(source.slot_);
    source.driver_.store(nullptr, std::memory_order_relaxed);
}

void epoll_driver::dispatch(std::uint64_t key, std::uint32_t events) noexcept {
    const auto index = static_cast<std::uint32_t>(key);
    if (slots_[index].source != nullptr && key_of(index) == key)
        slots_[index].source->on_events(events);
}

void epoll_driver::prefetch_source(std::uint64_t key) const noexcept {
    const auto index = static_cast<std::uint32_t>(key);
    if (index < slots_.size()) prefetch(slots_[index].source, source_bytes);
}

// As epoll_wait(2), up to `events_max` of them.
int epoll_driver::wait(epoll_event* events, time_point until) noexcept {
    timespec timeout{};
    // A look without a wait comes with the clock's minimum, from which nothing can be subtracted.
    if (until != never && until > clock::now()) {
        const auto left = std::max(until - clock::now(), duration::zero());
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        timeout = {seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
    }
    if (precise_timeouts_) {
        const int count = ::epoll_pwait2(
            epoll_.get(), events, events_max, until == never ? nullptr : &timeout, nullptr
        );
        // ENOSYS before Linux 5.11, EPERM from a container's filter that does not know the call.
        precise_timeouts_ = count >= 0 || errno == EINTR;
        if (precise_timeouts_) return count;
    }
    const auto left =
        std::chrono::seconds(timeout.tv_sec) +
        std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(timeout.tv_nsec));
    const auto milliseconds =
        std::min<std::int64_t>(std::chrono::milliseconds(left).count(), INT_MAX);
    return ::epoll_wait(
        epoll_.get(), events, events_max, until == never ? -1 : static_cast<int>(milliseconds)
    );
}

void epoll_driver::turn(time_point until) noexcept {
    std::array<epoll_event, events_max> events;
    int count = -1;
    // A signal ends no wait.
    do
        count = wait(events.data(), until);
    while (count < 0 && errno == EINTR);
    const auto found = std::span(events).first(static_cast<std::size_t>(std::max(count, 0)));
    counters().calls.add();
    counters().events.add(found.size());
    // Once for all of them: what they do is short.
    const lock_guard guard(lock_);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (i + sources_ahead < found.size()) prefetch_source(found[i + sources_ahead].data.u64);
        if (found[i].data.u64 != wake_key) dispatch(found[i].data.u64, found[i].events);
    }
}

void epoll_driver::wake() noexcept {
    ::eventfd_write(wake_.get(), 1);
}

}  // namespace amphi::detail
