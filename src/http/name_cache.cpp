// SPDX-License-Identifier: BSL-1.0
#include "name_cache.hpp"

#include <chrono>

namespace amphi::http::detail {

namespace {

using amphi::detail::claim_result;
using amphi::detail::lock_guard;
using amphi::detail::ticket;

// getaddrinfo(3) does not tell how long an answer holds: libcurl's own number.
constexpr auto address_fresh_for = std::chrono::seconds(60);

}  // namespace

name_cache& name_cache::shared() {
    static auto& only = *new name_cache;
    return only;
}

name_cache::entry& name_cache::of(const std::string& host, std::uint16_t port) {
    const lock_guard guard(lock_);
    return entries_[{host, port}];
}

bool name_cache::entry::is_fresh() const noexcept {
    return clock::now() < fresh_until_;
}

std::optional<std::string> name_cache::entry::known() const {
    const lock_guard guard(lock_);
    if (!is_fresh()) return std::nullopt;
    if (error_) std::rethrow_exception(error_);
    return addresses_;
}

void name_cache::entry::settle(
    std::string addresses, std::exception_ptr error, time_point fresh_until
) noexcept {
    const lock_guard guard(lock_);
    looking_ = false;
    addresses_ = std::move(addresses);
    error_ = std::move(error);
    fresh_until_ = fresh_until;
    // Under the lock: who is woken takes it before it leaves.
    while (in_line* const next = waiting_.pop_front()) {
        const ticket parked = next->parked;
        if (parked.claim() == claim_result::must_wake) parked.wake();
    }
}

bool name_cache::turn::poll() noexcept {
    const lock_guard guard(entry_.lock_);
    if (entry_.is_fresh()) return true;
    if (entry_.looking_) return false;
    entry_.looking_ = true;
    ours_ = true;
    return true;
}

void name_cache::turn::publish(ticket t) noexcept {
    const lock_guard guard(entry_.lock_);
    if (entry_.looking_) {
        place_.parked = t;
        entry_.waiting_.push_back(place_);
    } else {
        (void)t.claim();  // It ended meanwhile: the caller looks once more.
    }
}

void name_cache::turn::withdraw() noexcept {
    const lock_guard guard(entry_.lock_);
    entry_.waiting_.remove(place_);
}

name_cache::lookup::~lookup() {
    if (!settled_) entry_.settle({}, nullptr, time_point::min());
}

void name_cache::lookup::found(std::string addresses) noexcept {
    settled_ = true;
    entry_.settle(std::move(addresses), nullptr, saturating_add(clock::now(), address_fresh_for));
}

void name_cache::lookup::failed(
    std::exception_ptr error, std::chrono::milliseconds fresh_for
) noexcept {
    settled_ = true;
    entry_.settle({}, std::move(error), saturating_add(clock::now(), fresh_for));
}

}  // namespace amphi::http::detail
