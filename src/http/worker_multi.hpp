// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/timer.hpp>
#include <amphi/async/worker_job.hpp>
#include <amphi/async/worker_local.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/intrusive_list.hpp>

#include "carrier.hpp"
#include "transfer.hpp"
#include "worker_socket.hpp"

#include <memory>
#include <vector>

namespace amphi::http::detail {

/// The carrier of an async worker: it carries all transfers that began there, driven by the
/// worker's own driver and timers through libcurl's socket interface.
///
/// Events and timers only leave a note where they are called; the worker's loop then runs this job,
/// which tells libcurl of all of them, one after the other, and collects what has ended. So no
/// coroutine is resumed inside libcurl, and libcurl is never entered from inside itself.
///
/// Threads: the worker's, but for `call` and `forget`.
class worker_multi final : public carrier,
                           public amphi::detail::worker_local,
                           private amphi::detail::worker_job,
                           private amphi::detail::timer {
public:
    worker_multi();
    ~worker_multi() override;

    /// As `carrier::start`; the transfer's job is bound to this worker.
    void start(transfer& t, const curl_slist* addresses);

    void may_stall(const transfer& t) noexcept override;
    void call(transfer& t) noexcept override { t.post(); }
    void forget(transfer& t) noexcept override { t.take_back(); }

    /// A socket has events that libcurl shall hear of.
    void note(worker_socket& s) noexcept;

private:
    void customise(CURL* easy) override;
    void opened(curl_socket_t fd) override { socket(fd).reopen(); }
    void run() noexcept override;
    void expire() noexcept override;

    /// Wakes this job at the nearer of libcurl's time and the next stall.
    void arm_timer() noexcept;

    [[nodiscard]] worker_socket& socket(curl_socket_t fd);

    // libcurl's callbacks.
    static int on_socket(CURL* easy, curl_socket_t fd, int wanted, void* self, void* ignored);
    static int on_timer(CURLM* multi, long milliseconds, void* self);
    static int on_close(void* self, curl_socket_t fd);

    std::vector<std::unique_ptr<worker_socket>> sockets_;  // by descriptor
    amphi::detail::intrusive_list<worker_socket> noted_;
    time_point libcurl_due_ = never;
    time_point armed_for_ = never;
    time_point stall_check_ = never;
    bool running_ = false;
};

}  // namespace amphi::http::detail
