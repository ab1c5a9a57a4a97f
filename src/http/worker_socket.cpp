// SPDX-License-Identifier: BSL-1.0
#include "worker_socket.hpp"

#include "curl.hpp"
#include "worker_multi.hpp"

#include <utility>

#include <poll.h>

namespace amphi::http::detail {

namespace {

// The driver speaks epoll(7)'s events, whose numbers are poll(2)'s.
constexpr std::uint32_t readable = POLLIN;
constexpr std::uint32_t writable = POLLOUT;
constexpr std::uint32_t broken = POLLERR | POLLHUP;

}  // namespace

worker_socket::~worker_socket() {
    detach();
}

void worker_socket::want(int poll) {
    wanted_ =
        ((poll & CURL_POLL_IN) != 0 ? readable : 0) | ((poll & CURL_POLL_OUT) != 0 ? writable : 0);
    const bool kept_watching = wanted_ == 0 && watched_ == readable;
    if (kept_watching || wanted_ == watched_) return;
    if (wanted_ == 0)
        detach();
    else if (is_attached())
        modify(wanted_);
    else
        attach(fd_, wanted_);
    watched_ = wanted_;
}

void worker_socket::reopen() {
    if (!is_attached()) return;
    detach();
    noted_ = 0;
    watched_ = 0;
    if (wanted_ == 0) return;
    attach(fd_, wanted_);
    watched_ = wanted_;
}

void worker_socket::close() noexcept {
    wanted_ = 0;
    watched_ = 0;
    noted_ = 0;
    detach();
}

int worker_socket::take_events() noexcept {
    const std::uint32_t events = std::exchange(noted_, 0);
    if (wanted_ == 0) {
        detach();
        watched_ = 0;
        return 0;
    }
    return ((events & readable) != 0 ? CURL_CSELECT_IN : 0) |
           ((events & writable) != 0 ? CURL_CSELECT_OUT : 0) |
           ((events & broken) != 0 ? CURL_CSELECT_ERR : 0);
}

void worker_socket::on_events(std::uint32_t events) noexcept {
    noted_ |= events;
    owner_.note(*this);
}

}  // namespace amphi::http::detail
