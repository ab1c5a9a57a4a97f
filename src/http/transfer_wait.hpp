// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/operation.hpp>

#include "thread_multi.hpp"
#include "transfer.hpp"

namespace amphi::http::detail {

/// Waits until a transfer is paused or done. On a plain thread it is the waiting thread that drives
/// `driven`; on async the carrier is driven by its worker, and `driven` is null.
/// Cancellation: the wait ends, the transfer goes on; `carrier::stop` ends it, after which a wait
/// that nothing cancels (`Cancellable` false) is short.
template <bool Cancellable>
class transfer_wait : public amphi::detail::operation<transfer_wait<Cancellable>> {
public:
    static constexpr bool cancellable = Cancellable;

    transfer_wait(transfer& t, thread_multi* driven) noexcept : transfer_(t), driven_(driven) {}

    [[nodiscard]] bool poll() const noexcept { return transfer_.is_settled(); }
    void publish(amphi::detail::ticket t) noexcept { transfer_.publish(t); }
    void withdraw() noexcept { transfer_.withdraw(); }
    [[nodiscard]] transfer::state result() const noexcept { return transfer_.current(); }

    void wait_in_call(amphi::detail::waiter& w, time_point deadline) {
        driven_->drive(transfer_, w, deadline);
    }

private:
    transfer& transfer_;
    thread_multi* driven_;
};

}  // namespace amphi::http::detail
