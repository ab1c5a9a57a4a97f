// SPDX-License-Identifier: BSL-1.0
#include "url_queue.hpp"

#include <amphi/http/url.hpp>

#include "host_key.hpp"

#include <utility>

namespace amphi::fetch {

namespace {

using amphi::detail::claim_result;
using amphi::detail::lock_guard;
using amphi::detail::ticket;

}  // namespace

url_queue::url_queue(std::size_t per_host, std::size_t window)
    : per_host_(per_host == 0 ? static_cast<std::size_t>(-1) : per_host)
    , window_(window) {}

url_queue::~url_queue() {
    // After a cancel some are left.
    const lock_guard guard(lock_);
    while (ready_.pop_front() != nullptr) {
    }
}

url_queue::put_operation url_queue::put(queued_url one) noexcept {
    return {*this, std::move(one)};
}

url_queue::take_operation url_queue::take() noexcept {
    return take_operation(*this);
}

bool url_queue::has_room() const noexcept {
    return waiting_ < window_;
}

void url_queue::add(queued_url one) {
    std::string key = host_key(one.what.from);
    std::unique_ptr<host_line>& host = hosts_[key];
    if (host == nullptr) host = std::make_unique<host_line>(std::move(key));
    one.host = host.get();
    host->waiting.push_back(std::move(one));
    ++waiting_;
    look_at(*host);
}

void url_queue::look_at(host_line& host) noexcept {
    const bool is_ready = !host.waiting.empty() && host.running < per_host_ && host.holds == 0;
    if (is_ready == host.is_linked()) return;
    if (is_ready)
        ready_.push_back(host);
    else
        ready_.remove(host);
}

queued_url url_queue::take_ready() {
    host_line& host = *ready_.pop_front();
    queued_url one = std::move(host.waiting.front());
    host.waiting.pop_front();
    ++host.running;
    --waiting_;
    look_at(host);
    return one;
}

void url_queue::hand_out() {
    while (!takers_.empty()) {
        const bool over = closed_ && waiting_ == 0;
        if (ready_.empty() && !over) break;
        take_operation& taker = *takers_.pop_front();
        const ticket parked = taker.parked_;
        const claim_result claimed = parked.claim();
        if (claimed == claim_result::lost) continue;
        if (!over) taker.taken_ = take_ready();
        if (claimed == claim_result::must_wake) parked.wake();
    }
    if (putter_ == nullptr || !has_room()) return;
    put_operation& putter = *std::exchange(putter_, nullptr);
    const ticket parked = putter.parked_;
    const claim_result claimed = parked.claim();
    if (claimed == claim_result::lost) return;
    accept(putter);
    if (claimed == claim_result::must_wake) parked.wake();
}

void url_queue::done(const queued_url& one) noexcept {
    const lock_guard guard(lock_);
    host_line& host = *one.host;
    --host.running;
    look_at(host);
    hand_out();
    // A million hosts are not a million lines.
    if (host.running == 0 && host.waiting.empty()) hosts_.erase(host.key);
}

void url_queue::hold(const http::url& host) noexcept {
    const lock_guard guard(lock_);
    const auto found = hosts_.find(host_key(host));
    if (found == hosts_.end()) return;
    ++found->second->holds;
    look_at(*found->second);
}

void url_queue::release(const http::url& host) noexcept {
    const lock_guard guard(lock_);
    const auto found = hosts_.find(host_key(host));
    if (found == hosts_.end()) return;
    --found->second->holds;
    look_at(*found->second);
    hand_out();
}

void url_queue::close() noexcept {
    const lock_guard guard(lock_);
    closed_ = true;
    hand_out();
}

void url_queue::accept(put_operation& putter) {
    add(std::move(putter.one_));
    putter.more_wanted_ = takers_.empty() && !ready_.empty();
}

bool url_queue::put_operation::poll() {
    const lock_guard guard(queue_.lock_);
    if (!queue_.has_room()) return false;
    queue_.accept(*this);
    queue_.hand_out();
    return true;
}

void url_queue::put_operation::publish(ticket t) {
    const lock_guard guard(queue_.lock_);
    if (queue_.has_room()) {
        if (t.claim() != claim_result::lost) queue_.accept(*this);
        queue_.hand_out();
    } else {
        parked_ = t;
        queue_.putter_ = this;
    }
}

void url_queue::put_operation::withdraw() noexcept {
    const lock_guard guard(queue_.lock_);
    if (queue_.putter_ == this) queue_.putter_ = nullptr;
}

bool url_queue::take_operation::poll() {
    const lock_guard guard(queue_.lock_);
    if (!queue_.ready_.empty()) {
        taken_ = queue_.take_ready();
        queue_.hand_out();
        return true;
    }
    return queue_.closed_ && queue_.waiting_ == 0;
}

void url_queue::take_operation::publish(ticket t) {
    const lock_guard guard(queue_.lock_);
    if (queue_.ready_.empty() && !(queue_.closed_ && queue_.waiting_ == 0)) {
        parked_ = t;
        queue_.takers_.push_back(*this);
    } else if (t.claim() != claim_result::lost) {
        if (!queue_.ready_.empty()) taken_ = queue_.take_ready();
        queue_.hand_out();
    }
}

void url_queue::take_operation::withdraw() noexcept {
    const lock_guard guard(queue_.lock_);
    queue_.takers_.remove(*this);
}

}  // namespace amphi::fetch
