// SPDX-License-Identifier: BSL-1.0
#include <amphi/process/signals.hpp>

#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/lock.hpp>

#include "signal_slot.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <pthread.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi {

// Why a handler, and not signalfd(2): a signalfd gets only what every thread has blocked, and a
// library can promise that for no thread but those it starts; what is blocked is inherited by
// child processes, too. A handler works on whichever thread the kernel picks. It does as little as
// can be: for each listener an atomic step and a write of one byte, which POSIX allows there.

namespace {

/// Raised by what a thread does itself: a handler that returns would meet it again at once.
constexpr std::array<int, 9> refused{
    SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT
};

/// All listeners of the process. Constructed before the program begins, and never destroyed.
class listeners {
public:
    detail::signal_slot* add(detail::signal_set wanted);
    void remove(detail::signal_slot& slot) noexcept;
    void tell(int number) noexcept;

    // Around a fork, whose child would else find the lock held by a thread that is not there.
    void hold() noexcept AMPHI_ACQUIRE(lock_) { lock_.acquire(); }
    void let_go() noexcept AMPHI_RELEASE(lock_) { lock_.release(); }
    void separate_from_parent() noexcept AMPHI_REQUIRES(lock_);

private:
    /// What a signal did before its listeners came.
    class disposition {
    public:
        std::size_t listeners = 0;
        struct sigaction former{};
    };

    detail::signal_slot& free_slot() AMPHI_REQUIRES(lock_);
    void install(int number) AMPHI_REQUIRES(lock_);
    void restore(int number) noexcept AMPHI_REQUIRES(lock_);
    void restore_all(detail::signal_set set) noexcept AMPHI_REQUIRES(lock_);

    detail::lock lock_;
    std::array<disposition, detail::number_max + 1> dispositions_ AMPHI_GUARDED_BY(lock_){};
    // The newest slot; the list only grows. Written under the lock, read by the handler without.
    detail::atomic<detail::signal_slot*> first_{nullptr};
    // The process that listens. A child that shares its memory, or has not separated its pipes
    // yet, must not tell its parent what came to itself. relaxed: an address of its own.
    detail::atomic<pid_t> process_{0};
};

constinit listeners all;

void on_signal(int number) {
    const int error = errno;
    all.tell(number);
    errno = error;
}

void listeners::tell(int number) noexcept {
    if (::getpid() != process_.load(std::memory_order_relaxed)) return;
    detail::signal_slot* slot = first_.load(std::memory_order_acquire);  // sync: process.slots
    for (; slot != nullptr; slot = slot->next)
        slot->tell(number);
}

detail::signal_slot& listeners::free_slot() {
    detail::signal_slot* const first = first_.load(std::memory_order_relaxed);
    for (detail::signal_slot* slot = first; slot != nullptr; slot = slot->next)
        if (!slot->is_open()) return *slot;
    auto* const made = new detail::signal_slot;
    made->next = first;
    first_.store(made, std::memory_order_release);  // sync: process.slots
    return *made;
}

void listeners::install(int number) {
    disposition& of = dispositions_[static_cast<std::size_t>(number)];
    struct sigaction now{};
    // Who has put a handler of their own in its place meanwhile is the former one now.
    if (::sigaction(number, nullptr, &now) != 0 || now.sa_handler != on_signal) {
        struct sigaction ours{};
        ours.sa_handler = on_signal;
        ours.sa_flags = SA_RESTART | SA_ONSTACK;
        sigfillset(&ours.sa_mask);
        if (::sigaction(number, &ours, &of.former) != 0)
            detail::throw_system_error(errno, "listen to", signal_name(number));
    }
    ++of.listeners;
}

void listeners::restore(int number) noexcept {
    disposition& of = dispositions_[static_cast<std::size_t>(number)];
    if (--of.listeners != 0) return;
    struct sigaction now{};
    // A handler that came later stays.
    if (::sigaction(number, nullptr, &now) == 0 && now.sa_handler == on_signal)
        ::sigaction(number, &of.former, nullptr);
}

void listeners::restore_all(detail::signal_set set) noexcept {
    for (int number = 1; number <= detail::number_max; ++number)
        if ((set & detail::bit_of(number)) != 0) restore(number);
}

detail::signal_slot* listeners::add(detail::signal_set wanted) {
    const detail::lock_guard guard(lock_);
    process_.store(::getpid(), std::memory_order_relaxed);
    detail::signal_slot& slot = free_slot();
    slot.open(wanted);
    detail::signal_set installed = 0;
    try {
        for (int number = 1; number <= detail::number_max; ++number) {
            if ((wanted & detail::bit_of(number)) == 0) continue;
            install(number);
            installed |= detail::bit_of(number);
        }
    } catch (...) {
        restore_all(installed);
        slot.close();
        throw;
    }
    return &slot;
}

void listeners::remove(detail::signal_slot& slot) noexcept {
    const detail::lock_guard guard(lock_);
    restore_all(slot.wanted());
    slot.close();
}

void listeners::separate_from_parent() noexcept {
    process_.store(::getpid(), std::memory_order_relaxed);
    detail::signal_slot* slot = first_.load(std::memory_order_relaxed);
    for (; slot != nullptr; slot = slot->next)
        slot->separate_from_parent();
}

void before_fork() noexcept AMPHI_THREAD_ANNOTATION(no_thread_safety_analysis) {
    all.hold();
}

void in_parent() noexcept AMPHI_THREAD_ANNOTATION(no_thread_safety_analysis) {
    all.let_go();
}

void in_child() noexcept AMPHI_THREAD_ANNOTATION(no_thread_safety_analysis) {
    all.separate_from_parent();
    all.let_go();
}

/// The set of those numbers, all of which can be listened to.
detail::signal_set set_of(std::span<const int> numbers) {
    detail::signal_set set = 0;
    for (const int number : numbers) {
        bool possible = number >= 1 && number <= detail::number_max;
        for (const int each : refused)
            possible = possible && number != each;
        if (!possible) detail::throw_system_error(EINVAL, "listen to", signal_name(number));
        set |= detail::bit_of(number);
    }
    if (set == 0) detail::throw_system_error(EINVAL, "listen to no signal");
    return set;
}

detail::signal_slot* listen(std::span<const int> numbers) {
    const detail::signal_set set = set_of(numbers);
    static const int fork_error = ::pthread_atfork(before_fork, in_parent, in_child);
    if (fork_error != 0) detail::throw_system_error(fork_error, "prepare for a fork");
    return all.add(set);
}

}  // namespace

void detail::stop_listening::operator()(signal_slot* slot) const noexcept {
    all.remove(*slot);
}

signals::signals(std::span<const int> numbers) : slot_(listen(numbers)) {}

std::optional<int> signals::try_receive() const {
    if (!slot_) detail::throw_system_error(EBADF, "receive a signal");
    return slot_->take();
}

int signals::take() const {
    const std::optional<int> number = try_receive();
    if (!number) detail::throw_system_error(EBUSY, "receive a signal beside another receiver");
    return *number;
}

int signals::native_handle() const noexcept {
    return slot_ ? slot_->read_end() : -1;
}

std::string signal_name(int number) {
    // SIGRTMIN is a call: some of its kind are the C library's own.
    if (number >= SIGRTMIN && number <= SIGRTMAX)
        return "SIGRTMIN+" + std::to_string(number - SIGRTMIN);
    if (const char* const name = ::sigabbrev_np(number)) return std::string("SIG") + name;
    return "signal " + std::to_string(number);
}

}  // namespace amphi
