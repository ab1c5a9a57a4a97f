// SPDX-License-Identifier: BSL-1.0
// A minimal server over epoll: one thread, level-triggered, one recv(2) and one send(2) a message.
#include <sys/epoll.h>

#include "support/echo_peer.hpp"

#include <array>
#include <cstddef>

#include <sys/socket.h>
#include <unistd.h>

namespace {

// False when the connection has ended.
bool echo(int fd) {
    std::array<std::byte, 4096> buffer;
    const auto count = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    return ::send(fd, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
}

}  // namespace

int main(int argc, char** argv) {
    const bench::echo_load load = bench::load_of(argc, argv);
    const bench::plain_listener listener;
    bench::echo_peer peer(listener.port, load);
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < load.connections; ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = listener.accept(SOCK_NONBLOCK);
        if (::epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event) != 0) return 1;
    }
    peer.begin();
    std::array<epoll_event, 256> events{};
    for (int open = load.connections; open > 0;) {
        const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (echo(fd)) continue;
            ::close(fd);
            --open;
        }
    }
    peer.end();
}
