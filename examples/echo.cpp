// SPDX-License-Identifier: BSL-1.0
// A TCP server that sends back what it gets, and a client, in both lives.
#include <amphi/amphi.hpp>

#include <cstdio>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace net = amphi::net;

// [server]
amphi::task<> echo(net::tcp_stream peer) {
    try {
        co_await amphi::copy(peer, peer);  // until the peer has shut its side down
    } catch (const std::system_error& error) {
        std::fprintf(stderr, "%s\n", error.what());  // one peer's trouble is not the server's
    }
}

amphi::task<> serve(net::tcp_listener& listener) {
    co_await amphi::scope(
        [](amphi::task_scope& connections, net::tcp_listener& from) -> amphi::task<> {
            for (;;) {
                auto peer = co_await from.accept();
                co_await connections.spawn(echo, std::move(peer));
            }
        },
        listener
    );
}
// [server]

// [client]
amphi::task<std::string> ask(net::endpoint server, std::string question) {
    auto stream = co_await net::tcp_stream::connect(server);
    co_await amphi::write_all(stream, std::as_bytes(std::span(question)));
    stream.shutdown_write();
    std::string answer(question.size(), '\0');
    co_await amphi::read_exactly(stream, std::as_writable_bytes(std::span(answer)));
    co_return answer;
}
// [client]

// [both]
amphi::task<std::string> conversation() {
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    const net::endpoint where = listener.local_endpoint();
    co_return co_await amphi::scope(
        [](amphi::task_scope& jobs, auto& from, auto to) -> amphi::task<std::string> {
            auto server = co_await jobs.spawn(serve, std::move(from));
            auto answer = co_await ask(to, "hello");
            server.request_stop();  // its accept ends, and with it the scope
            co_return answer;
        },
        listener,
        where
    );
}

int main() {
    const std::string blocking = amphi::run(amphi::threads, conversation);
    const std::string suspending = amphi::run(amphi::async, conversation);
    std::printf("%s %s\n", blocking.c_str(), suspending.c_str());
}
// [both]
