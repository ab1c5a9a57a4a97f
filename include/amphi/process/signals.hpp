// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace amphi {

namespace detail {

class signal_slot;

/// Gives a listener's place back, and the signals what they did before.
class AMPHI_EXPORT stop_listening {
public:
    void operator()(signal_slot* slot) const noexcept;
};

}  // namespace detail

/// Signals of the process as something to await. From its making to its end they come here and do
/// nothing else; then they do what they did before.
///
///     signals ending{SIGINT, SIGTERM};
///     const int which = co_await ending.receive();
///
/// `receive` is an operation: `select(ending.receive(), sleep_for(1s))`.
///
/// Each listener for a signal gets it. Signals of one number that come before it was received are
/// one, as they are to the kernel. A signal that every thread blocks comes to nobody; one that the
/// process was started to ignore, as nohup does with SIGHUP, is heard while somebody listens.
///
/// Threads: one receives at a time; several listeners as they like. Move-only, sendable.
/// Cancellation: nothing is lost, the next `receive` yields it.
/// Lifetime: outlives its `receive`. A fork goes on listening for signals of its own.
/// Errors: `std::system_error`, naming the signal; EINVAL for those that no handler can answer:
/// SIGKILL and SIGSTOP, and what a fault of the program raises (SIGSEGV, SIGBUS, SIGFPE, SIGILL,
/// SIGTRAP, SIGSYS, SIGABRT).
/// Cost: a pipe; system calls interrupted by such a signal are restarted (SA_RESTART).
class AMPHI_EXPORT signals {
    class receive_operation : public detail::operation<receive_operation> {
    public:
        explicit receive_operation(const signals& from) noexcept
            : from_(from)
            , arrival_(from.native_handle(), detail::direction::read) {}

        [[nodiscard]] bool poll() {
            arrival_.set_where(*where_);
            return arrival_.poll();
        }
        void publish(detail::ticket t) noexcept { arrival_.publish(t); }
        void withdraw() noexcept { arrival_.withdraw(); }
        [[nodiscard]] int result() const { return from_.take(); }

        [[nodiscard]] std::span<const detail::descriptor_wait> kernel_waits() const noexcept {
            return arrival_.kernel_waits();
        }

    private:
        const signals& from_;
        detail::descriptor_ready arrival_;
    };

public:
    signals(std::initializer_list<int> numbers) : signals(std::span(numbers)) {}
    explicit signals(std::span<const int> numbers);

    /// Waits for the next signal and yields its number.
    [[nodiscard("co_await it")]] receive_operation receive() const noexcept {
        return receive_operation(*this);
    }

    /// One that has come already.
    [[nodiscard]] std::optional<int> try_receive() const;

    /// Readable while there is something to receive; stays the listener's, and is not to be read.
    [[nodiscard]] int native_handle() const noexcept;

private:
    /// What has arrived.
    [[nodiscard]] int take() const;

    std::unique_ptr<detail::signal_slot, detail::stop_listening> slot_;
};

/// As `SIGINT`.
[[nodiscard]] AMPHI_EXPORT std::string signal_name(int number);

template <>
inline constexpr bool enable_sendable<signals> = true;

}  // namespace amphi
