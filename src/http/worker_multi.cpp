// SPDX-License-Identifier: BSL-1.0
#include "worker_multi.hpp"

#include "connection_limit.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>

#include <unistd.h>

namespace amphi::http::detail {

namespace {

// Of how many sockets libcurl hears before the tasks go on whose transfers are done: few enough
// that what belongs to a transfer is still in the cache then, and that the next requests are on
// their way while the answers of the others are read.
constexpr int sockets_a_run = 8;

}  // namespace

worker_multi::worker_multi() : carrier(connections_a_worker()) {
    bind_to_this_worker();
    curl_multi_setopt(multi(), CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi(), CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi(), CURLMOPT_TIMERDATA, this);
}

worker_multi::~worker_multi() {
    // The connections that are left close now, by way of `on_close`.
    disconnect();
    disarm();
    take_back();
    // What came for idle connections after the last task is nobody's.
    while (noted_.pop_front() != nullptr) {
    }
}

void worker_multi::start(transfer& t, const curl_slist* addresses) {
    t.bind_to_this_worker();
    carrier::start(t, addresses);
}

void worker_multi::may_stall(const transfer& t) noexcept {
    stall_check_ = std::min(stall_check_, t.stalled_at());
    if (!running_) post();  // `run` arms the timer.
}

void worker_multi::customise(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

void worker_multi::note(worker_socket& s) noexcept {
    if (!s.is_linked()) noted_.push_back(s);
    post();
}

void worker_multi::expire() noexcept {
    armed_for_ = never;
    post();
}

void worker_multi::run() noexcept {
    running_ = true;
    int ignored = 0;
    for (int told = 0; told < sockets_a_run; ++told) {
        worker_socket* const s = noted_.pop_front();
        if (s == nullptr) break;
        const int events = s->take_events();
        if (events != 0) curl_multi_socket_action(multi(), s->fd(), events, &ignored);
    }
    const time_point now = clock::now();
    if (libcurl_due_ <= now) {
        libcurl_due_ = never;
        curl_multi_socket_action(multi(), CURL_SOCKET_TIMEOUT, 0, &ignored);
    }
    if (stall_check_ <= now) {
        end_stalled(now);
        stall_check_ = next_stall();
    }
    collect();
    running_ = false;
    arm_timer();
    if (!noted_.empty()) post();
}

void worker_multi::arm_timer() noexcept {
    const time_point due = std::min(libcurl_due_, stall_check_);
    if (due == armed_for_) return;
    disarm();
    armed_for_ = due;
    if (due != never) arm(due);
}

worker_socket& worker_multi::socket(curl_socket_t fd) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= sockets_.size()) sockets_.resize(index + 1);
    if (sockets_[index] == nullptr) sockets_[index] = std::make_unique<worker_socket>(*this, fd);
    return *sockets_[index];
}

int worker_multi::on_socket(CURL*, curl_socket_t fd, int wanted, void* self, void*) {
    try {
        static_cast<worker_multi*>(self)->socket(fd).want(wanted);
        return 0;
    } catch (const std::exception&) {
        return -1;  // No memory or no place in the driver: libcurl fails its transfers.
    }
}

int worker_multi::on_timer(CURLM*, long milliseconds, void* self) {
    auto& me = *static_cast<worker_multi*>(self);
    if (milliseconds < 0) {
        me.libcurl_due_ = never;
    } else {
        me.libcurl_due_ = clock::now() + std::chrono::milliseconds(milliseconds);
        if (!me.running_) me.post();  // `run` arms the timer, or calls libcurl if it is time.
    }
    return 0;
}

int worker_multi::on_close(void* self, curl_socket_t fd) {
    static_cast<worker_multi*>(self)->socket(fd).close();
    return ::close(fd);
}

}  // namespace amphi::http::detail
