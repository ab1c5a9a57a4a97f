// SPDX-License-Identifier: BSL-1.0
#include "uring_driver.hpp"

#include <amphi/async/driver.hpp>
#include <amphi/async/event_source.hpp>
#include <amphi/async/ring_send.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/lock.hpp>

#include "prefetch.hpp"
#include "uring.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

namespace amphi::detail {

namespace {

// No slot has this number.
constexpr std::uint64_t removal_key = ~std::uint64_t{1};

// Of a call: its number and this bit, which no slot's key has.
constexpr std::uint64_t call_bit = 1;

// How far ahead whoever a completion is for is asked for, and how much of it a completion needs.
constexpr unsigned owners_ahead = 4;
constexpr std::size_t owner_bytes = 128;

// What a poll request reports whether it was asked for or not. (It reports EPOLLRDHUP likewise,
// which epoll does not.)
constexpr std::uint32_t always_reported = EPOLLERR | EPOLLHUP;

// epoll's refusals: a descriptor that is none, and files that are always ready.
void expect_pollable(int fd) {
    struct stat about{};
    int error = 0;
    if (::fstat(fd, &about) != 0)
        error = errno;
    else if (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))
        error = EPERM;
    if (error != 0) throw_system_error(error, "watch descriptor", std::to_string(fd));
}

}  // namespace

uring_driver::uring_driver(uring::sizes sizes) : owner_(::pthread_self()), ring_(sizes) {
    free_calls_.resize(calls_.size());
    std::iota(free_calls_.begin(), free_calls_.end(), 0);
    wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_) throw_system_error(errno, "make an io_uring driver");
    // Edge-triggered: each write is reported once, and nobody has to read it back.
    attach(wake_source_, wake_.get(), EPOLLIN | EPOLLET);
    int error = 0;
    {
        const lock_guard guard(lock_);
        if (!apply_changes()) error = EAGAIN;
    }
    if (error == 0) error = ring_.look();
    // It is not readable yet: only a failure completes at once.
    uring::completion failure;
    if (ring_.take(failure)) error = -failure.result;
    if (error != 0) {
        wake_source_.driver_.store(nullptr, std::memory_order_relaxed);
        throw_uring_refused(error);
    }
}

uring_driver::~uring_driver() {
    // What was made on a runtime may outlive it: then it is attached to nothing any more.
    const lock_guard guard(lock_);
    for (const slot& s : slots_)
        if (s.source != nullptr) s.source->driver_.store(nullptr, std::memory_order_relaxed);
}

bool uring_driver::on_its_worker() const noexcept {
    return ::pthread_equal(owner_, ::pthread_self()) != 0;
}

std::uint64_t uring_driver::key_of(std::uint32_t index) const noexcept {
    return std::uint64_t{slots_[index].generation} << 32 | std::uint64_t{index} << 1;
}

void uring_driver::note_change(std::uint32_t index) noexcept {
    if (slots_[index].changed) return;
    slots_[index].changed = true;
    changed_.push_back(index);
}

void uring_driver::attach(event_source& source, int fd, std::uint32_t events) {
    expect_pollable(fd);
    const lock_guard guard(lock_);
    if (free_slots_.empty()) {
        const std::size_t room = slots_.size() + 1;
        if (changed_.capacity() < room) changed_.reserve(2 * room);
        if (free_slots_.capacity() < room) free_slots_.reserve(2 * room);
        slots_.emplace_back();
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
    const std::uint32_t index = free_slots_.back();
    free_slots_.pop_back();
    slot& taken = slots_[index];
    taken.source = &source;
    taken.fd = fd;
    taken.events = events;
    taken.unasked = taken.spent = false;
    note_change(index);
    source.driver_.store(this, std::memory_order_relaxed);
    source.fd_ = fd;
    source.slot_ = index;
}

void uring_driver::modify(event_source& source, std::uint32_t events) {
    bool wakes = false;
    {
        const lock_guard guard(lock_);
        slot& modified = slots_[source.slot_];
        modified.events = events;
        modified.unasked = modified.spent = false;
        note_change(source.slot_);
        wakes = std::exchange(asleep_, false);
    }
    if (wakes) wake();
}

void uring_driver::detach(event_source& source) noexcept {
    const bool here = on_its_worker();
    bool polled = false;
    bool wakes = false;
    {
        const lock_guard guard(lock_);
        slots_[source.slot_].source = nullptr;
        source.driver_.store(nullptr, std::memory_order_relaxed);
        polled = slots_[source.slot_].polled;
        note_change(source.slot_);
        if (here && polled) polled = apply_changes();
        wakes = std::exchange(asleep_, false);
    }
    // The file is let go when what the removal has completed is fetched.
    if (here && polled) ring_.look();
    if (wakes) wake();
}

// False when the kernel takes no more for now: the rest is left for the next turn.
bool uring_driver::apply_changes() noexcept {
    std::size_t applied = 0;
    while (applied < changed_.size() && ring_.make_room(2))
        apply_change(changed_[applied++]);
    changed_.erase(changed_.begin(), changed_.begin() + static_cast<std::ptrdiff_t>(applied));
    return changed_.empty();
}

void uring_driver::apply_change(std::uint32_t index) noexcept {
    slot& changed = slots_[index];
    changed.changed = false;
    if (changed.polled) ring_.poll_remove(key_of(index), removal_key);
    ++changed.generation;
    changed.polled = changed.source != nullptr && !changed.spent;
    if (changed.source == nullptr) free_slots_.push_back(index);
    if (!changed.polled) return;
    // A level-triggered source is asked about anew after each event. But an event that nobody asked
    // for would then come again and again, so the next request waits for the edge after it.
    const bool repeated = (changed.events & (EPOLLET | EPOLLONESHOT)) == EPOLLET || changed.unasked;
    const std::uint32_t how = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP;
    ring_.poll_add(changed.fd, changed.events & ~how, repeated, key_of(index));
}

bool uring_driver::begin(ring_send& call) noexcept {
    if (free_calls_.empty() || !ring_.make_room(1)) return false;
    const std::uint32_t number = free_calls_.back();
    free_calls_.pop_back();
    calls_[number] = &call;
    ring_.send(call.fd(), call.bytes(), std::uint64_t{number} << 1 | call_bit);
    return true;
}

void uring_driver::complete(std::uint32_t number, int result) noexcept {
    free_calls_.push_back(number);
    std::exchange(calls_[number], nullptr)->complete(result);
}

void uring_driver::prefetch_owner(std::uint64_t key) const noexcept {
    const std::uint32_t index = static_cast<std::uint32_t>(key) >> 1;
    if ((key & call_bit) != 0)
        prefetch(calls_[index], owner_bytes);
    else if (index < slots_.size())
        prefetch(slots_[index].source, owner_bytes);
}

// True when it was for a source or a call.
bool uring_driver::dispatch(const uring::completion& done) noexcept {
    const auto [key, result, more] = done;
    if ((key & call_bit) != 0) {
        complete(static_cast<std::uint32_t>(key) >> 1, result);
        return true;
    }
    const auto index = static_cast<std::uint32_t>(key) >> 1;
    if (key == removal_key || key_of(index) != key) return false;
    slot& found = slots_[index];
    found.polled = more;
    if (found.source == nullptr) return false;
    const bool failed = result < 0;
    // Whoever waits tries again, and is told what is wrong by the call that it tries.
    const std::uint32_t happened =
        failed ? always_reported | EPOLLIN | EPOLLOUT : static_cast<std::uint32_t>(result);
    const std::uint32_t events = happened & (found.events | always_reported);
    found.unasked = events == 0;
    found.spent = !found.unasked && (found.events & EPOLLONESHOT) != 0;
    // Of a level-triggered source another state may be reported than the one that comes now.
    const bool edge = (found.events & EPOLLET) != 0;
    // EBADF: it was closed before it was detached, and another poll request would say no more.
    if ((!more || found.spent || (!edge && !found.unasked)) && result != -EBADF) note_change(index);
    if (events != 0) found.source->on_events(events);
    return events != 0;
}

bool uring_driver::dispatch_completions() noexcept {
    bool any = false;
    const lock_guard guard(lock_);
    asleep_ = false;
    uring::completion next;
    std::uint64_t taken = 0;
    while (ring_.take(next)) {
        ++taken;
        prefetch_owner(ring_.key_ahead(owners_ahead));
        any = dispatch(next) || any;
    }
    counters().calls.set(ring_.entered());
    counters().events.add(taken);
    return any;
}

// The kernel had no memory left to keep a completion, and does not know whose it was.
void uring_driver::look_at_all_sources() noexcept {
    calls_lost_ = true;
    const lock_guard guard(lock_);
    for (std::uint32_t index = 0; index < slots_.size(); ++index)
        if (slots_[index].source != nullptr) note_change(index);
}

// Each call completes when it is submitted: what has not by now never will. Whether their bytes
// were sent nobody knows, so these connections are good for nothing any more.
bool uring_driver::fail_lost_calls() noexcept {
    if (!calls_lost_ || ring_.has_business_in_the_kernel()) return false;
    calls_lost_ = false;
    for (std::uint32_t number = 0; number < calls_.size(); ++number)
        if (calls_[number] != nullptr) complete(number, -ENOMEM);
    return true;
}

void uring_driver::turn(time_point until) noexcept {
    bool done = false;
    while (!done) {
        // A look without a wait comes with the clock's minimum.
        const bool may_wait =
            until == never || (until != time_point::min() && until > clock::now());
        bool waits = false;
        {
            const lock_guard guard(lock_);
            waits = apply_changes() && may_wait;
            asleep_ = waits;
        }
        const int error = waits ? ring_.wait(until) : ring_.look();
        if (error == EBADR) look_at_all_sources();
        bool any = dispatch_completions();
        any = fail_lost_calls() || any;
        // Completions that were for nobody, a signal, or a kernel that wanted its completions taken
        // (EBUSY) end no wait.
        done =
            any || !may_wait || (error != 0 && error != EINTR && error != EBUSY && error != EBADR);
    }
}

void uring_driver::wake() noexcept {
    ::eventfd_write(wake_.get(), 1);
}

}  // namespace amphi::detail
