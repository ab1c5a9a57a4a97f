// SPDX-License-Identifier: BSL-1.0
#include "acceptor.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>

#include <cerrno>
#include <chrono>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>

namespace amphi::detail {

namespace {

constexpr auto pause_without_descriptors = std::chrono::milliseconds(100);

/// accept(2) also reports what had happened to a connection that is gone by now.
bool concerns_one_connection(int error) noexcept {
    switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
        return true;
    default:
        return false;
    }
}

descriptor accept_now(int fd, sockaddr* peer, socklen_t* size) noexcept {
    return descriptor(::accept4(fd, peer, size, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

}  // namespace

descriptor acceptor::open_reserve() noexcept {
    return descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

std::string acceptor::turn_one_away(sockaddr* peer, socklen_t size) {
    reserve_.reset();
    descriptor refused = accept_now(fd.get(), peer, &size);
    if (!refused) return {};
    refused.reset();
    reserve_ = open_reserve();
    const std::string who = name_of(*peer, size);
    return who.empty() ? " (refused one)" : " (refused " + who + ")";
}

task<descriptor> acceptor::accept(sockaddr* peer, socklen_t size) {
    checkpoint begun;
    co_await begun;
    for (;;) {
        socklen_t written = size;
        descriptor accepted = accept_now(fd.get(), peer, &written);
        const int error = accepted ? 0 : errno;
        if (error == 0) {
            if (!reserve_) reserve_ = open_reserve();
            co_return accepted;
        }
        if (error == EAGAIN) {
            ready_operation ready(readiness, fd.get(), direction::read);
            co_await ready;
        } else if (!concerns_one_connection(error)) {
            std::string refused;
            if (error == EMFILE || error == ENFILE) refused = turn_one_away(peer, size);
            // Nothing is short when the socket was shut down (EINVAL): whoever accepts again is
            // told again.
            if (refused.empty() && error != EINVAL) co_await sleep_for(pause_without_descriptors);
            throw_system_error(error, "accept a connection on", name() + refused);
        }
    }
}

}  // namespace amphi::detail
