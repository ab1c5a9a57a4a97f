// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/completion.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/task/waiter.hpp>

#include <exception>
#include <stdexcept>

namespace amphi {

abandoned_completion::abandoned_completion()
    : std::runtime_error("a completion was abandoned: its last completer is gone") {}

abandoned_completion::~abandoned_completion() = default;

namespace detail {

completion_state::~completion_state() = default;

bool completion_state::begin() noexcept {
    const lock_guard guard(lock_);
    if (phase_ != phase::open) return false;
    phase_ = phase::writing;
    return true;
}

void completion_state::finish() noexcept {
    ticket to_wake;
    {
        const lock_guard guard(lock_);
        phase_ = phase::finished;
        if (waiting_ && waiting_.claim() == claim_result::must_wake) to_wake = waiting_;
    }
    // The waiter may end the completion now; the caller's own count keeps this alive.
    if (to_wake) to_wake.wake();
}

bool completion_state::poll() noexcept {
    const lock_guard guard(lock_);
    if (phase_ == phase::open && completers_ == 0) {
        error = std::make_exception_ptr(abandoned_completion());
        phase_ = phase::finished;
    }
    return phase_ == phase::finished;
}

void completion_state::publish(ticket t) noexcept {
    const lock_guard guard(lock_);
    waiting_ = t;
    if (phase_ == phase::finished) (void)t.claim();
}

void completion_state::withdraw() noexcept {
    const lock_guard guard(lock_);
    waiting_ = ticket();
}

void completion_state::add_completer() noexcept {
    const lock_guard guard(lock_);
    ++completers_;
}

void completion_state::remove_completer() noexcept {
    bool abandoned = false;
    {
        const lock_guard guard(lock_);
        abandoned = completers_ == 1 && phase_ == phase::open && is_awaited_;
        if (abandoned) phase_ = phase::writing;
    }
    if (abandoned) {
        error = std::make_exception_ptr(abandoned_completion());
        finish();
    }
    bool last = false;
    {
        const lock_guard guard(lock_);
        --completers_;
        last = completers_ == 0 && !is_awaited_;
    }
    if (last) delete this;
}

void completion_state::remove_completion() noexcept {
    bool last = false;
    {
        const lock_guard guard(lock_);
        is_awaited_ = false;
        last = completers_ == 0;
    }
    if (last) delete this;
}

bool completion_state::is_awaited() const noexcept {
    const lock_guard guard(lock_);
    return is_awaited_;
}

}  // namespace detail
}  // namespace amphi
