// SPDX-License-Identifier: BSL-1.0
// A minimal server over io_uring: one thread, a receive and a send a message, submitted together
// with the wait.
#include "support/echo_peer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

struct connection {
    int fd = -1;
    bool sending = false;
    std::array<std::byte, 4096> buffer;
};

class server {
public:
    explicit server(int connections) : connections_(static_cast<std::size_t>(connections)) {
        const unsigned flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
        made_ = io_uring_queue_init(4096, &ring_, flags) == 0;
    }
    ~server() {
        if (made_) io_uring_queue_exit(&ring_);
    }
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    [[nodiscard]] bool made() const { return made_; }

    void add(std::size_t index, int fd) {
        connections_[index].fd = fd;
        receive(index);
    }

    void run() {
        std::array<io_uring_cqe*, 256> completions{};
        for (std::size_t open = connections_.size(); open > 0;) {
            io_uring_submit_and_wait(&ring_, 1);
            const unsigned count =
                io_uring_peek_batch_cqe(&ring_, completions.data(), completions.size());
            for (unsigned i = 0; i < count; ++i)
                if (!advance(completions[i]->user_data, completions[i]->res)) --open;
            io_uring_cq_advance(&ring_, count);
        }
    }

private:
    // False when the connection has ended.
    bool advance(std::size_t index, int result) {
        connection& on = connections_[index];
        if (result <= 0) {
            ::close(on.fd);
            return false;
        }
        if (on.sending)
            receive(index);
        else
            send(index, static_cast<std::size_t>(result));
        return true;
    }

    void receive(std::size_t index) {
        connection& on = connections_[index];
        io_uring_sqe* const entry = next_entry();
        io_uring_prep_recv(entry, on.fd, on.buffer.data(), on.buffer.size(), 0);
        io_uring_sqe_set_data64(entry, index);
        on.sending = false;
    }

    void send(std::size_t index, std::size_t count) {
        connection& on = connections_[index];
        io_uring_sqe* const entry = next_entry();
        io_uring_prep_send(entry, on.fd, on.buffer.data(), count, MSG_NOSIGNAL);
        io_uring_sqe_set_data64(entry, index);
        on.sending = true;
    }

    io_uring_sqe* next_entry() {
        io_uring_sqe* entry = io_uring_get_sqe(&ring_);
        while (entry == nullptr) {
            io_uring_submit(&ring_);
            entry = io_uring_get_sqe(&ring_);
        }
        return entry;
    }

    io_uring ring_{};
    bool made_ = false;
    std::vector<connection> connections_;
};

}  // namespace

int main(int argc, char** argv) {
    const bench::echo_load load = bench::load_of(argc, argv);
    const bench::plain_listener listener;
    bench::echo_peer peer(listener.port, load);
    server echo(load.connections);
    if (!echo.made()) return 3;
    for (std::size_t i = 0; i < static_cast<std::size_t>(load.connections); ++i)
        echo.add(i, listener.accept(0));
    peer.begin();
    echo.run();
    peer.end();
}
