// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/own_counter.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace amphi::detail {

class event_source;
class ring_send;

/// What a driver has done. Threads: written by its worker, read by any.
struct driver_counters {
    own_counter calls;   ///< system calls to fetch events
    own_counter events;  ///< that they brought
};

/// What a worker waits in for I/O. Each worker has one of its own, made at its first I/O.
///
/// Threads: `turn` and `begin` by the worker, the rest by any.
class driver {
public:
    driver() noexcept = default;
    driver(const driver&) = delete;
    driver& operator=(const driver&) = delete;
    virtual ~driver() = default;

    /// The driver as `AMPHI_DRIVER` names it.
    [[nodiscard]] virtual const char* name() const noexcept = 0;

    /// Waits until events come, `wake` is called, or `until` has passed; dispatches the events.
    virtual void turn(time_point until) noexcept = 0;

    /// Ends the current or the next `turn`.
    virtual void wake() noexcept = 0;

    virtual void attach(event_source& source, int fd, std::uint32_t events) = 0;
    virtual void modify(event_source& source, std::uint32_t events) = 0;
    virtual void detach(event_source& source) noexcept = 0;

    /// By the worker: makes a call with the next turn. False when there is no ring for it, or no
    /// room in it.
    [[nodiscard]] virtual bool begin(ring_send& call) noexcept {
        (void)call;
        return false;
    }

    /// Before the first turn: where to count.
    void count_in(driver_counters& counters) noexcept { counters_ = &counters; }

protected:
    [[nodiscard]] driver_counters& counters() noexcept { return *counters_; }

private:
    driver_counters own_counters_;
    driver_counters* counters_ = &own_counters_;
};

/// The driver of this thread's async worker, made if it is the first call there. Throws
/// `std::system_error`.
[[nodiscard]] AMPHI_EXPORT driver& driver_of_this_worker();

/// Which driver a worker makes. `automatic`: uring where the system allows it, else epoll.
enum class driver_kind : std::uint8_t { epoll, uring, automatic };

/// The kind that `name` says (epoll, uring, auto); when it is empty, AMPHI_DRIVER; without either
/// the default. Throws `std::invalid_argument` for an unknown name.
[[nodiscard]] AMPHI_EXPORT driver_kind driver_kind_of(std::string_view name = {});

/// On the thread that will use it. Throws `std::system_error`; for `uring` also when the system
/// refuses an io_uring, naming the cause. What `automatic` means is decided once for the process,
/// by the first ring that is tried.
[[nodiscard]] AMPHI_EXPORT std::unique_ptr<driver> make_driver(driver_kind kind);

/// For those who tell a user what a program runs on.
struct driver_choice {
    std::string name;
    std::string reason;
};

/// What `automatic` means in this process, and why.
[[nodiscard]] AMPHI_EXPORT const driver_choice& automatic_driver();

}  // namespace amphi::detail
