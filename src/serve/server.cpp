// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/task/sendable.hpp>

#include "connection.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace amphi::serve {

/// The server, for the tasks of its connections: `run` joins them all before it ends.
class server_reference {
public:
    explicit server_reference(server& to) noexcept : to_(&to) {}
    [[nodiscard]] server* operator->() const noexcept { return to_; }

private:
    server* to_;
};

}  // namespace amphi::serve

template <>
inline constexpr bool amphi::enable_sendable<amphi::serve::server_reference> = true;

namespace amphi::serve {

namespace {

/// Whether an accept that failed so says nothing of the next one.
bool is_passing(const std::error_code& error) noexcept {
    switch (error.value()) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:  // No thread could be started.
    case ECONNABORTED:
        return true;
    default:
        return false;
    }
}

}  // namespace

server::server(folder files, const server_options& options)
    : files_(std::move(files))
    , options_(options) {}

task<> server::serve_client(net::tcp_stream client, server_reference self) {
    const open_sockets::entry open(self->sockets_, client.native_handle());
    connection served(client, self->files_, self->options_, self->sockets_);
    try {
        co_await served.run();
    } catch (const timed_out&) {
        // Too slow a client: the connection ends, which is the answer.
    } catch (const std::system_error&) {
        // The client has gone, or its file cannot be read any more: nobody is left to tell.
    }
}

task<> server::run(net::tcp_listener& listener) {
    const open_sockets::entry open(sockets_, listener.native_handle());
    co_await scope(
        [](task_scope& clients, server& self, net::tcp_listener& from) -> task<> {
            clients.limit(self.options_.connections_max());
            while (!self.sockets_.is_ended()) {
                try {
                    net::tcp_stream client = co_await from.accept();
                    (void)co_await clients.spawn(
                        serve_client, std::move(client), server_reference(self)
                    );
                } catch (const std::system_error& error) {
                    if (!is_passing(error.code()) && !self.sockets_.is_ended()) throw;
                }
            }
        },
        *this,
        listener
    );
}

}  // namespace amphi::serve
