// SPDX-License-Identifier: BSL-1.0
#include "support/echo_peer.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

namespace {

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
    std::_Exit(1);
}

void expect(bool good, const char* what) {
    if (!good) fail(what);
}

double now_us(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

void no_delay(int fd) {
    const int on = 1;
    expect(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "TCP_NODELAY");
}

int connect_to(const sockaddr_in& server) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect(fd >= 0, "socket");
    const auto* const address = reinterpret_cast<const sockaddr*>(&server);
    expect(::connect(fd, address, sizeof server) == 0, "connect");
    no_delay(fd);
    return fd;
}

void send_message(int fd) {
    static const std::array<char, message_bytes> message{};
    const auto sent = ::send(fd, message.data(), message.size(), MSG_NOSIGNAL);
    expect(sent == static_cast<ssize_t>(message_bytes), "send");
}

void receive_message(int fd) {
    std::array<char, message_bytes> message{};
    const auto received = ::recv(fd, message.data(), message.size(), MSG_WAITALL);
    expect(received == static_cast<ssize_t>(message_bytes), "receive");
}

// One connection: the two processes take turns, without an epoll in between.
void talk_on_one(int fd, long messages) {
    for (long i = 0; i < messages; ++i) {
        send_message(fd);
        receive_message(fd);
    }
}

void talk_on_many(const std::vector<int>& connections, long messages) {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    expect(epoll >= 0, "epoll_create1");
    long to_send = messages;
    long to_receive = messages;
    for (const int fd : connections) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        expect(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
        if (to_send-- > 0) send_message(fd);
    }
    std::array<epoll_event, 256> events{};
    while (to_receive > 0) {
        const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            receive_message(events[static_cast<std::size_t>(i)].data.fd);
            --to_receive;
            if (to_send-- > 0) send_message(events[static_cast<std::size_t>(i)].data.fd);
        }
    }
}

[[noreturn]] void be_the_peer(std::uint16_t port, echo_load load, int go) {
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.sin_port = htons(port);
    std::vector<int> connections;
    for (int i = 0; i < load.connections; ++i)
        connections.push_back(connect_to(server));
    char ready = 0;
    expect(::read(go, &ready, 1) == 1, "wait for the server");
    if (load.connections == 1)
        talk_on_one(connections.front(), load.messages);
    else
        talk_on_many(connections, load.messages);
    std::_Exit(0);
}

}  // namespace

echo_load load_of(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s CONNECTIONS MESSAGES\n", argv[0]);
        std::_Exit(2);
    }
    return {std::atoi(argv[1]), std::atol(argv[2])};
}

plain_listener::plain_listener() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port(0) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const place = reinterpret_cast<sockaddr*>(&address);
    expect(fd >= 0 && ::bind(fd, place, size) == 0, "bind");
    expect(::listen(fd, 4096) == 0, "listen");
    expect(::getsockname(fd, place, &size) == 0, "getsockname");
    port = ntohs(address.sin_port);
}

int plain_listener::accept(int flags) const {
    const int accepted = ::accept4(fd, nullptr, nullptr, flags | SOCK_CLOEXEC);
    expect(accepted >= 0, "accept");
    no_delay(accepted);
    return accepted;
}

echo_peer::echo_peer(std::uint16_t port, echo_load load) : load_(load) {
    std::array<int, 2> pipe{};
    expect(::pipe2(pipe.data(), O_CLOEXEC) == 0, "pipe");
    child_ = ::fork();
    expect(child_ >= 0, "fork");
    if (child_ == 0) be_the_peer(port, load, pipe[0]);
    ::close(pipe[0]);
    go_ = pipe[1];
}

void echo_peer::begin() {
    wall_us_ = now_us(CLOCK_MONOTONIC);
    cpu_us_ = now_us(CLOCK_PROCESS_CPUTIME_ID);
    const char go = 1;
    expect(::write(go_, &go, 1) == 1, "tell the peer");
}

void echo_peer::end() const {
    const double wall = now_us(CLOCK_MONOTONIC) - wall_us_;
    const double cpu = now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu_us_;
    int status = 0;
    expect(::waitpid(child_, &status, 0) == child_, "waitpid");
    if (status != 0) std::_Exit(1);  // It has said why.
    std::printf("CPU us: %.4f\n", cpu / static_cast<double>(load_.messages));
    std::printf("wall us: %.4f\n", wall / static_cast<double>(load_.messages));
}

}  // namespace bench
