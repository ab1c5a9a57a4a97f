// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

constexpr std::size_t message_bytes = 64;

/// What an echo server is asked for, by its command line.
struct echo_load {
    int connections;
    long messages;
};
[[nodiscard]] echo_load load_of(int argc, char** argv);

/// A listening socket for servers that are written by hand. It blocks.
struct plain_listener {
    plain_listener();
    /// The next connection, with TCP_NODELAY; `flags` as of accept4(2).
    [[nodiscard]] int accept(int flags) const;

    int fd;
    std::uint16_t port;
};

/// The other side of an echo server: a process that holds some connections with one message in
/// flight on each, until all have been answered.
class echo_peer {
public:
    /// Forks, and connects. Before this process has threads.
    echo_peer(std::uint16_t port, echo_load load);

    /// All connections are accepted: the peer begins to talk.
    void begin();
    /// Every connection has ended: prints what a message took, `CPU us` (of this process alone) and
    /// `wall us`.
    void end() const;

private:
    echo_load load_;
    int go_ = -1;
    int child_ = -1;
    double wall_us_ = 0;
    double cpu_us_ = 0;
};

}  // namespace bench
