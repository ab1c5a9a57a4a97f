// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/http/url.hpp>
#include <amphi/task/waiter.hpp>

#include "carrier.hpp"

#include <memory>
#include <string>

namespace amphi::http::detail {

/// A carrier for plain threads, of one connection: the thread that waits for its one transfer
/// drives it. Between two transfers it rests in a pool, connection included, since libcurl's own
/// way to share connections between threads is not safe.
class thread_multi final : public carrier {
public:
    thread_multi();

    void call(transfer& t) noexcept override;
    void forget(transfer&) noexcept override {}

    /// Runs the transfer on this thread until it is paused or done, or somebody else ends the wait.
    void drive(transfer& t, amphi::detail::waiter& w, time_point deadline);

    /// Where its connection leads to, once there is one.
    std::string connected_to;

private:
    bool called_ = false;
};

/// Borrows a carrier from the pool: one that is connected to where `target` leads, if there is one.
class thread_lease {
public:
    explicit thread_lease(const url& target);
    thread_lease(const thread_lease&) = delete;
    thread_lease& operator=(const thread_lease&) = delete;
    ~thread_lease();

    [[nodiscard]] thread_multi& get() const noexcept { return *multi_; }

private:
    std::unique_ptr<thread_multi> multi_;
};

}  // namespace amphi::http::detail
