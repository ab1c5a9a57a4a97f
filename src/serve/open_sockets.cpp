// SPDX-License-Identifier: BSL-1.0
#include "open_sockets.hpp"

#include <sys/socket.h>

namespace amphi::serve {

void open_sockets::end_reading() noexcept {
    const detail::lock_guard guard(lock_);
    is_ended_ = true;
    // What the call says is of no interest: a peer that has gone has ended its socket already.
    while (node* const open = list_.pop_front())
        shutdown(open->socket, SHUT_RD);
}

bool open_sockets::is_ended() const noexcept {
    const detail::lock_guard guard(lock_);
    return is_ended_;
}

std::size_t open_sockets::count() const noexcept {
    const detail::lock_guard guard(lock_);
    return count_;
}

open_sockets::entry::entry(open_sockets& in, int socket) noexcept : in_(in) {
    node_.socket = socket;
    const detail::lock_guard guard(in_.lock_);
    ++in_.count_;
    if (in_.is_ended_)
        shutdown(socket, SHUT_RD);
    else
        in_.list_.push_back(node_);
}

open_sockets::entry::~entry() {
    const detail::lock_guard guard(in_.lock_);
    --in_.count_;
    in_.list_.remove(node_);
}

}  // namespace amphi::serve
