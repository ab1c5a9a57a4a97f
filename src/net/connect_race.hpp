// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/timer.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/connect.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include "connect_attempt.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace amphi::detail {

/// The order in which addresses are tried: each family in its own order, in turn.
[[nodiscard]] std::vector<net::endpoint>
in_turn(const std::vector<net::endpoint>& found, net::address_family first);

/// The attempts to connect to one of several addresses, of which the first to answer wins.
///
/// Threads: one at a time.
class connect_race {
public:
    static constexpr std::size_t at_once_max = 16;  // as many as a plain thread can poll

    connect_race(std::vector<net::endpoint> addresses, std::chrono::nanoseconds alone) noexcept
        : addresses_(std::move(addresses))
        , alone_(alone) {}

    /// Begins what is to be begun by now, and looks at what is under way. The winner, if there is
    /// one. Throws `std::system_error` of all addresses when none is left; `place` is their host.
    [[nodiscard]] std::optional<net::tcp_stream> advance(const std::string& place);

    [[nodiscard]] std::span<connect_attempt> under_way() noexcept { return under_way_; }
    /// When the next one is to be begun.
    [[nodiscard]] time_point next() const noexcept;

private:
    void begin_due();
    void begin(const net::endpoint& to);
    [[nodiscard]] bool may_begin() const noexcept {
        return begun_ < addresses_.size() && under_way_.size() < at_once_max;
    }
    [[noreturn]] void fail(const std::string& place) const;

    struct failure {
        net::endpoint at;
        int error;
    };

    std::vector<net::endpoint> addresses_;
    std::chrono::nanoseconds alone_;
    std::size_t begun_ = 0;
    time_point next_ = time_point::min();
    std::vector<connect_attempt> under_way_;
    std::vector<failure> failed_;
};

/// Waits until one of the attempts may have an outcome, or the next one is to be begun.
class race_wait final : public operation<race_wait>, private timer {
public:
    explicit race_wait(connect_race& of) noexcept : race_(of), until_(of.next()) {}

    [[nodiscard]] bool poll();
    void publish(ticket t);
    void withdraw() noexcept;
    void result() const noexcept {}
    [[nodiscard]] time_point until() const noexcept { return until_; }
    [[nodiscard]] std::span<const descriptor_wait> kernel_waits() const noexcept {
        return {kernel_waits_.data(), kernel_waits_count_};
    }

private:
    void expire() noexcept override;

    connect_race& race_;
    time_point until_;
    std::array<watch_waiter, connect_race::at_once_max> nodes_;
    std::array<descriptor_wait, connect_race::at_once_max> kernel_waits_{};
    std::size_t kernel_waits_count_ = 0;
};

/// Connects to the first of `addresses` that answers. `place` is what errors call their host.
[[nodiscard]] task<net::tcp_stream>
connect_to_any(std::string place, std::vector<net::endpoint> addresses, net::connect_options how);

}  // namespace amphi::detail
