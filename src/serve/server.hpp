// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>

#include "folder.hpp"
#include "open_sockets.hpp"
#include "server_options.hpp"

namespace amphi::serve {

class server_reference;

/// Serves the files of a folder over HTTP/1.1: GET and HEAD, ranges, conditions, kept connections.
/// A task a connection, in either life.
///
/// Threads: `drain` from any. The process ignores SIGPIPE: a client may go while it is sent to.
/// Cancellation: `run` ends, and every connection with it.
/// Lifetime: outlives `run`.
class server {
public:
    server(folder files, const server_options& options);

    /// Accepts and serves until `drain` is called, and then until the last connection has ended.
    /// Errors: what the listener throws. A shortage of descriptors, memory or threads costs the
    /// connection that meets it, not the server.
    [[nodiscard]] task<> run(net::tcp_listener& listener);

    /// Ends the accepting and the waiting for further requests; answers that have begun are
    /// finished.
    void drain() noexcept { sockets_.end_reading(); }

private:
    static task<> serve_client(net::tcp_stream client, server_reference self);

    folder files_;
    server_options options_;
    open_sockets sockets_;
};

}  // namespace amphi::serve
