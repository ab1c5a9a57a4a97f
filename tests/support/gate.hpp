// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/operation.hpp>

namespace amphi::testing {

/// Tasks wait in front of it until it is opened, from any thread: how a test brings tasks into the
/// state that it is about, without sleeping.
class gate {
    class place : public detail::list_node<place> {
    public:
        detail::ticket parked;
    };

public:
    class pass_operation : public detail::operation<pass_operation> {
    public:
        explicit pass_operation(gate& g) noexcept : gate_(g) {}
        [[nodiscard]] bool poll() noexcept {
            const detail::lock_guard guard(gate_.lock_);
            return gate_.open_;
        }
        void publish(detail::ticket t) noexcept {
            const detail::lock_guard guard(gate_.lock_);
            place_.parked = t;
            if (gate_.open_)
                (void)t.claim();
            else
                gate_.waiting_.push_back(place_);
        }
        void withdraw() noexcept {
            const detail::lock_guard guard(gate_.lock_);
            gate_.waiting_.remove(place_);
        }
        void result() const noexcept {}

    private:
        gate& gate_;
        place place_;
    };

    [[nodiscard]] pass_operation pass() noexcept { return pass_operation(*this); }

    void open() noexcept {
        const detail::lock_guard guard(lock_);
        open_ = true;
        while (place* const first = waiting_.pop_front())
            if (first->parked.claim() == detail::claim_result::must_wake) first->parked.wake();
    }

private:
    detail::lock lock_;
    bool open_ = false;
    detail::intrusive_list<place> waiting_;
};

}  // namespace amphi::testing
