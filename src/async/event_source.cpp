// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/event_source.hpp>

#include <amphi/async/driver.hpp>
#include <amphi/base/assert.hpp>

#include <atomic>
#include <cstdint>

namespace amphi::detail {

event_source::~event_source() {
    AMPHI_ASSERT(!is_attached());
}

void event_source::attach(int fd, std::uint32_t events) {
    AMPHI_ASSERT(!is_attached());
    driver_of_this_worker().attach(*this, fd, events);
}

void event_source::modify(std::uint32_t events) {
    driver_.load(std::memory_order_relaxed)->modify(*this, events);
}

void event_source::detach() noexcept {
    if (driver* const reports = driver_.load(std::memory_order_relaxed)) reports->detach(*this);
}

}  // namespace amphi::detail
