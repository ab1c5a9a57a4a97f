// SPDX-License-Identifier: BSL-1.0
// What is compared with: a thread that blocks in recv(2) and send(2).
#include "support/echo_peer.hpp"

#include <array>
#include <cstddef>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

namespace {

void echo(int fd) {
    std::array<std::byte, bench::message_bytes> buffer;
    for (;;) {
        const auto count = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (count <= 0) break;
        if (::send(fd, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) < 0) break;
    }
    ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
    const bench::plain_listener listener;
    bench::echo_peer peer(listener.port, bench::load_of(argc, argv));
    const int fd = listener.accept(0);
    peer.begin();
    std::thread(echo, fd).join();
    peer.end();
}
