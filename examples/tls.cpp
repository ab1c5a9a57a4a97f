// SPDX-License-Identifier: BSL-1.0
// A TLS server that sends back what it gets, and a client, in both lives.
#include <amphi/tls.hpp>

#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <utility>

namespace net = amphi::net;
namespace tls = amphi::tls;
using namespace std::chrono_literals;

// [server]
amphi::task<> echo(net::tcp_stream peer, tls::server_context identity) {
    try {
        auto stream = co_await amphi::timeout(10s, tls::accept, std::move(peer), identity);
        co_await amphi::copy(stream, stream);  // until the peer says that it ends
        co_await stream.shutdown();            // so do we: else the peer would miss something
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());  // one peer's trouble is not the server's
    }
}
// [server]

// [client]
amphi::task<std::string>
ask(std::string host, std::uint16_t port, tls::client_context trust, std::string question) {
    auto stream = co_await tls::connect(host, port, trust);
    co_await amphi::write_all(stream, std::as_bytes(std::span(question)));
    co_await stream.shutdown();  // no more will come from here
    std::string answer(question.size(), '\0');
    co_await amphi::read_exactly(stream, std::as_writable_bytes(std::span(answer)));
    co_return answer + " over " + stream.version();
}
// [client]

amphi::task<std::string> conversation(tls::server_context identity, tls::client_context trust) {
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    co_return co_await amphi::scope(
        [](amphi::task_scope& jobs, auto& from, auto& shown, auto& known
        ) -> amphi::task<std::string> {
            const std::uint16_t port = from.local_endpoint().port();
            auto asking = co_await jobs.spawn(ask, "localhost", port, known, "hello");
            auto peer = co_await from.accept();
            co_await jobs.spawn(echo, std::move(peer), shown);
            co_return co_await asking.join();
        },
        listener,
        identity,
        trust
    );
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const char* const certificate = argv[1];
    const char* const key = argv[2];
    // [contexts]
    const tls::server_context identity(certificate, key);
    tls::client_context trust;   // whom the system trusts
    trust.ca_file(certificate);  // but here this one alone, since nobody has signed it
    // [contexts]
    const std::string blocking = amphi::run(amphi::threads, conversation, identity, trust);
    const std::string suspending = amphi::run(amphi::async, conversation, identity, trust);
    std::printf("%s, %s\n", blocking.c_str(), suspending.c_str());
}
