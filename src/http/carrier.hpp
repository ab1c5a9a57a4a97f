// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/intrusive_list.hpp>

#include "curl.hpp"
#include "host_connections.hpp"
#include "transfer.hpp"

#include <cstdint>
#include <vector>

namespace amphi::http::detail {

/// A multi handle, which belongs to one thread at a time, with the transfers that it carries. How
/// it is driven is a matter of the life: `thread_multi` and `worker_multi`.
///
/// Every transfer leaves libcurl here, at a place that is inside none of its callbacks; only then
/// is its task told, and the telling never runs the task: it wakes a thread or schedules a
/// coroutine.
///
/// Threads: the owner's, but for `call`.
class carrier {
public:
    carrier(const carrier&) = delete;
    carrier& operator=(const carrier&) = delete;

    /// Begins a transfer, which stays here to its end. `addresses` are lines of CURLOPT_RESOLVE or
    /// null, and stay until it is done. Throws; then it has not begun.
    void start(transfer& t, const curl_slist* addresses);

    /// Does what the task asked for: lets the transfer go on, or ends it.
    void serve(transfer& t) noexcept;

    /// From the task, on any thread, under the transfer's lock: `serve` is wanted.
    virtual void call(transfer& t) noexcept = 0;
    /// From the owner, under the transfer's lock: no more.
    virtual void forget(transfer& t) noexcept = 0;

    /// From a callback of libcurl: the sink of `t` has refused a piece.
    void note_refusal(transfer& t) { refused_.push_back(&t); }

    /// The silence of `t` counts from now on: its request is about to be sent, which a callback of
    /// libcurl tells, or it goes on after a pause.
    virtual void may_stall(const transfer& /*t*/) noexcept {}

    /// From a callback of libcurl: the head of the answer is there.
    void note_answer(const transfer& t) {
        if (t.shares_connection()) answered_.push_back(&t);
    }

protected:
    explicit carrier(long connections_max);
    ~carrier();

    /// Further options of an easy handle, before it begins.
    virtual void customise(CURL*) {}
    /// libcurl has a new socket, of a number that it may have had before.
    virtual void opened(curl_socket_t) {}

    /// After libcurl has run: tells the tasks of transfers that are done or paused.
    void collect() noexcept;

    /// Ends those that have been silent for too long.
    void end_stalled(time_point now) noexcept;
    /// When the next one may have been; `never` without any.
    [[nodiscard]] time_point next_stall() const noexcept;

    /// Closes all connections; the last call.
    void disconnect() noexcept;

    [[nodiscard]] CURLM* multi() const noexcept { return multi_.get(); }

private:
    static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* where);

    [[nodiscard]] long buffer_bytes() const noexcept;
    void learn(std::uint64_t body_bytes) noexcept;
    void learn_of_hosts() noexcept;

    [[nodiscard]] curl_easy take_easy();
    /// Out of the multi handle, its easy handle back among the idle ones.
    void release(transfer& t) noexcept;

    std::vector<curl_easy> idle_;
    std::vector<transfer*> refused_;
    std::vector<const transfer*> answered_;
    amphi::detail::intrusive_list<transfer> active_;
    curl_multi multi_;
    host_connections hosts_{multi_.get()};
    long typical_bytes_ = 256L << 10;  // of a body, at most a buffer's; large until it is known
};

}  // namespace amphi::http::detail
