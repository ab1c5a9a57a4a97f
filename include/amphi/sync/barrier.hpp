// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <cstdint>

namespace amphi {

/// A number of tasks that wait for each other, phase by phase.
///
/// What a task wrote before it arrived is seen by all of them after the wait.
///
/// Threads: any, in both lives at once. Lifetime: outlives whoever waits; it may be destroyed as
/// soon as the last wait has returned.
class AMPHI_EXPORT barrier {
    enum class arrival : std::uint8_t { none, waits, last };

    class arrive_operation : public detail::operation<arrive_operation> {
    public:
        explicit arrive_operation(barrier& at) noexcept : at_(at) {}

        [[nodiscard]] bool poll() noexcept {
            mine_ = at_.try_complete() ? arrival::last : arrival::none;
            return mine_ == arrival::last;
        }
        void publish(detail::ticket t) noexcept {
            place_.parked = t;
            mine_ = at_.complete_or_wait(place_);
        }
        void withdraw() noexcept {
            if (mine_ == arrival::waits && at_.take_back(place_)) mine_ = arrival::none;
        }
        /// An arrival that was counted and that a stop came too late to take back has succeeded.
        [[nodiscard]] bool has_happened() const noexcept { return mine_ != arrival::none; }
        [[nodiscard]] bool result() const noexcept { return mine_ == arrival::last; }

    private:
        barrier& at_;
        detail::place_in_line place_;
        arrival mine_ = arrival::none;
    };

public:
    /// `expected` tasks take part, at least one.
    explicit barrier(std::size_t expected) noexcept : expected_(expected) {}
    barrier(const barrier&) = delete;
    barrier& operator=(const barrier&) = delete;

    /// Arrives, and waits for the others of this phase. Yields true to the one who came last.
    /// Cancellation: takes the arrival back, so the others go on waiting for one more. Too late for
    /// that it ends nothing: the phase has ended. (A `select` that another branch of it wins at
    /// that moment has arrived all the same.)
    [[nodiscard("co_await the wait")]] arrive_operation arrive_and_wait() noexcept {
        return arrive_operation(*this);
    }

    /// Arrives, and takes no part in the phases to come. Never waits. A phase that it ends has
    /// nobody else who came last.
    void arrive_and_drop() noexcept;

private:
    [[nodiscard]] bool try_complete() noexcept;
    [[nodiscard]] arrival complete_or_wait(detail::place_in_line& place) noexcept;
    [[nodiscard]] bool take_back(detail::place_in_line& place) noexcept;
    void let_go(detail::woken_later<detail::place_in_line>& to_wake) noexcept AMPHI_REQUIRES(lock_);

    detail::lock lock_;
    std::size_t expected_ AMPHI_GUARDED_BY(lock_);
    // How many stand in the line: those that a stop has ended, but that have not withdrawn yet,
    // count as there.
    std::size_t arrived_ AMPHI_GUARDED_BY(lock_) = 0;
    detail::intrusive_list<detail::place_in_line> line_ AMPHI_GUARDED_BY(lock_);
};

template <>
inline constexpr bool enable_shareable<barrier> = true;

}  // namespace amphi
