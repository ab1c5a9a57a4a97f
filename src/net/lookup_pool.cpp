// SPDX-License-Identifier: BSL-1.0
#include "lookup_pool.hpp"

#include <amphi/base/lock.hpp>
#include <amphi/exec/thread_pool.hpp>

#include <deque>
#include <exception>
#include <optional>
#include <utility>

namespace amphi::detail {

void lookup_pool::start(lookup asked) {
    {
        const lock_guard guard(lock_);
        waiting_.push_back(std::move(asked));
        if (running_ == running_max_) return;
        ++running_;
    }
    try {
        start_on_plain_thread({run, this});
    } catch (...) {
        thread_failed(std::current_exception());
    }
}

void lookup_pool::thread_failed(const std::exception_ptr& error) {
    std::deque<lookup> stranded;
    {
        const lock_guard guard(lock_);
        if (--running_ == 0) stranded.swap(waiting_);
    }
    for (const lookup& asked : stranded)
        asked.answer.fail(error);
}

void lookup_pool::run(void* pool) {
    auto& self = *static_cast<lookup_pool*>(pool);
    for (auto asked = self.next(); asked; asked = self.next())
        if (asked->answer.is_awaited()) self.answer(*asked);
}

std::optional<lookup> lookup_pool::next() {
    const lock_guard guard(lock_);
    if (waiting_.empty()) {
        --running_;
        return std::nullopt;
    }
    std::optional<lookup> first(std::move(waiting_.front()));
    waiting_.pop_front();
    return first;
}

void lookup_pool::answer(const lookup& asked) const noexcept {
    std::exception_ptr failure;
    try {
        asked.answer.complete(ask_(asked.host, asked.port));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) asked.answer.fail(std::move(failure));
}

}  // namespace amphi::detail
