// SPDX-License-Identifier: BSL-1.0
#include "connect_race.hpp"

#include <amphi/base/clock.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/connect.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include "connect_attempt.hpp"
#include "tcp_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>

namespace amphi::detail {

namespace {

// How long at least nothing is tried after there were no descriptors left.
constexpr duration retry_delay_min = std::chrono::milliseconds(10);

bool is_want_of_room(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

std::vector<net::endpoint>
in_turn(const std::vector<net::endpoint>& found, net::address_family first) {
    std::vector<net::endpoint> families[2];
    for (const net::endpoint& each : found)
        families[each.is_ipv6() ? 1 : 0].push_back(each);
    bool ipv6 = first == net::address_family::ipv6;
    if (first == net::address_family::as_resolved) ipv6 = !found.empty() && found[0].is_ipv6();

    std::vector<net::endpoint> ordered;
    ordered.reserve(found.size());
    const auto& preferred = families[ipv6 ? 1 : 0];
    const auto& others = families[ipv6 ? 0 : 1];
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (i < preferred.size()) ordered.push_back(preferred[i]);
        if (i < others.size()) ordered.push_back(others[i]);
    }
    return ordered;
}

std::optional<net::tcp_stream> connect_race::advance(const std::string& place) {
    for (connect_attempt& each : under_way_)
        if (each.look() == 0) return each.take();
    begin_due();
    for (connect_attempt& each : under_way_)
        if (each.error() == 0) return each.take();
    if (under_way_.empty()) fail(place);
    return std::nullopt;
}

void connect_race::begin_due() {
    for (;;) {
        const auto over = [this](const connect_attempt& each) {
            if (each.error() == 0 || each.error() == EINPROGRESS) return false;
            failed_.push_back({each.socket().remote, each.error()});
            return true;
        };
        // Who has lost does not keep the next one waiting.
        if (std::erase_if(under_way_, over) > 0) next_ = time_point::min();
        if (!may_begin() || (!under_way_.empty() && clock::now() < next_)) return;
        begin(addresses_[begun_++]);
        if (!under_way_.empty() && under_way_.back().error() == 0) return;
    }
}

void connect_race::begin(const net::endpoint& to) {
    try {
        under_way_.emplace_back(to);
        next_ = saturating_add(clock::now(), alone_);
    } catch (const std::system_error& error) {
        if (!under_way_.empty() && is_want_of_room(error.code().value())) {
            // Those under way have what it needs: it is tried again when one of them has ended, or
            // somebody else has let go of one.
            --begun_;
            next_ = saturating_add(clock::now(), std::max(alone_, retry_delay_min));
            return;
        }
        // A machine without IPv6 has no such sockets, but maybe another address.
        failed_.push_back({to, error.code().value()});
        next_ = time_point::min();
    }
}

time_point connect_race::next() const noexcept {
    return may_begin() ? next_ : never;
}

void connect_race::fail(const std::string& place) const {
    const failure& last = failed_.back();
    std::string what = "connect to " + place + ": ";
    for (const failure& each : failed_) {
        what += to_string(each.at);
        if (&each != &last) what += " (" + std::system_category().message(each.error) + "), ";
    }
    throw std::system_error(last.error, std::system_category(), what);
}

bool race_wait::poll() {
    if (where_->suspends()) {
        bool any = false;
        for (const connect_attempt& each : race_.under_way()) {
            tcp_socket& socket = each.socket();
            socket.readiness.attach_once(socket.fd.get());
            any = socket.readiness.take(direction::write) || any;
        }
        if (any) return true;
    }
    return until_ != never && until_ <= clock::now();
}

void race_wait::publish(ticket t) {
    keep(t);
    std::size_t index = 0;
    if (!where_->suspends()) {
        for (const connect_attempt& each : race_.under_way())
            kernel_waits_[index++] = {each.socket().fd.get(), POLLOUT, t.source()};
        kernel_waits_count_ = index;
        return;
    }
    if (until_ != never) arm(until_);
    for (const connect_attempt& each : race_.under_way())
        each.socket().readiness.take_or_wait(direction::write, nodes_[index++], t);
}

void race_wait::withdraw() noexcept {
    if (!where_->suspends()) return;
    disarm();
    std::size_t index = 0;
    for (const connect_attempt& each : race_.under_way())
        each.socket().readiness.withdraw(direction::write, nodes_[index++]);
}

void race_wait::expire() noexcept {
    const ticket parked = kept();
    if (parked.claim() == claim_result::must_wake) parked.wake();
}

task<net::tcp_stream>
connect_to_any(std::string place, std::vector<net::endpoint> addresses, net::connect_options how) {
    connect_race race(in_turn(addresses, how.preferred()), how.attempt_delay());
    for (;;) {
        std::optional<net::tcp_stream> winner = race.advance(place);
        if (winner) co_return std::move(*winner);
        race_wait wait(race);
        co_await wait;
    }
}

}  // namespace amphi::detail
