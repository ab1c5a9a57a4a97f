// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/readable.hpp>

#include <amphi/base/error.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/waiter.hpp>

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <poll.h>

namespace amphi::detail {

namespace {

short events_of(direction d) noexcept {
    return d == direction::read ? POLLIN : POLLOUT;
}

}  // namespace

bool is_ready_now(int fd, direction d) {
    pollfd asked{fd, events_of(d), 0};
    while (::poll(&asked, 1, 0) < 0)
        if (errno != EINTR) throw_system_error(errno, "poll descriptor", std::to_string(fd));
    if (fd < 0 || (asked.revents & POLLNVAL) != 0)
        throw_system_error(EBADF, "wait for descriptor", std::to_string(fd));
    return asked.revents != 0;
}

descriptor_ready::registration::registration(int fd) : duplicate(::fcntl(fd, F_DUPFD_CLOEXEC, 0)) {
    if (!duplicate) throw_system_error(errno, "duplicate descriptor", std::to_string(fd));
    readiness.attach_once(duplicate.get());
}

bool descriptor_ready::poll() {
    if (is_ready_now(fd_, direction_)) return true;
    // Anew for each wait: an event that an earlier one has left behind says nothing about now.
    if (where_->suspends()) registered_.emplace(fd_);
    return false;
}

void descriptor_ready::publish(ticket t) noexcept {
    if (where_->suspends())
        registered_->readiness.take_or_wait(direction_, node_, t);
    else
        kernel_wait_ = {fd_, events_of(direction_), t.source()};
}

}  // namespace amphi::detail
