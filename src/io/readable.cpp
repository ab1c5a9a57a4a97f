// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/readable.hpp>

#include <amphi/base/error.hpp>

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <poll.h>

namespace amphi::detail {

namespace {

short events_of(direction d) noexcept {
    return d == direction::read ? POLLIN : POLLOUT;
}

bool is_ready_now(int fd, direction d) {
    pollfd asked{fd, events_of(d), 0};
    while (::poll(&asked, 1, 0) < 0)
        if (errno != EINTR) throw_system_error(errno, "poll descriptor", std::to_string(fd));
    if (fd < 0 || (asked.revents & POLLNVAL) != 0)
        throw_system_error(EBADF, "wait for descriptor", std::to_string(fd));
    return asked.revents != 0;
}

}  // namespace

bool descriptor_ready::poll() {
    // An edge that an earlier wait has left behind says nothing about now.
    if (duplicate_) (void)watch_.take(direction_);
    if (is_ready_now(fd_, direction_)) return true;
    if (where_->suspends() && !duplicate_) {
        duplicate_.reset(::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
        if (!duplicate_) throw_system_error(errno, "duplicate descriptor", std::to_string(fd_));
        watch_.attach_once(duplicate_.get());
    }
    return false;
}

void descriptor_ready::publish(ticket t) noexcept {
    if (where_->suspends())
        watch_.take_or_wait(direction_, node_, t);
    else
        kernel_wait_ = {fd_, events_of(direction_), t.source()};
}

}  // namespace amphi::detail
