// SPDX-License-Identifier: BSL-1.0
#include "worker_socket.hpp"

#include "curl.hpp"
#include "worker_multi.hpp"

#include <utility>

#include <sys/epoll.h>

namespace amphi::http::detail {

worker_socket::~worker_socket() {
    detach();
}

void worker_socket::want(int poll) {
    wanted_ = ((poll & CURL_POLL_IN) != 0 ? std::uint32_t{EPOLLIN} : 0) |
              ((poll & CURL_POLL_OUT) != 0 ? std::uint32_t{EPOLLOUT} : 0);
    if (poll == CURL_POLL_REMOVE) wanted_ = 0;
    if (wanted_ == 0 && watched_ == EPOLLIN) return;
    if (wanted_ == watched_) return;
    if (wanted_ == 0)
        detach();
    else if (is_attached())
        modify(wanted_);
    else
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
    return ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
           ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
           ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
}

void worker_socket::on_events(std::uint32_t events) noexcept {
    noted_ |= events;
    owner_.note(*this);
}

}  // namespace amphi::http::detail
