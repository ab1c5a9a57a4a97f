// SPDX-License-Identifier: BSL-1.0
// UDP: a question that is asked again while nobody answers.
#include <amphi/amphi.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace net = amphi::net;
using namespace std::chrono_literals;

// [ask]
amphi::task<std::optional<std::string>> ask(net::endpoint server, std::string question) {
    auto socket = net::udp_socket::connected_to(server);
    std::string answer(512, '\0');
    for (int attempt = 0; attempt < 3; ++attempt) {
        co_await socket.send(std::as_bytes(std::span(question)));  // it may get lost
        const auto first = co_await amphi::select(socket.readable(), amphi::sleep_for(50ms));
        if (first.index() == 1) continue;
        const std::size_t size = co_await socket.receive(std::as_writable_bytes(std::span(answer)));
        answer.resize(size);
        co_return answer;
    }
    co_return std::nullopt;
}
// [ask]

// [answer]
amphi::task<> answer_the_second(net::udp_socket socket) {
    std::array<std::byte, 512> buffer{};
    (void)co_await socket.receive_from(buffer);  // as if it had got lost
    const auto question = co_await socket.receive_from(buffer);
    co_await socket.send_to(std::span(buffer).first(question.size()), question.from());
}
// [answer]

amphi::task<> conversation() {
    auto server = net::udp_socket::bind(net::endpoint::loopback(0));
    const auto answer = co_await amphi::scope(
        [](amphi::task_scope& jobs, auto& from) -> amphi::task<std::optional<std::string>> {
            const net::endpoint where = from.local_endpoint();
            co_await jobs.spawn(answer_the_second, std::move(from));
            auto answered = co_await ask(where, "anybody there?");
            co_return answered;
        },
        server
    );
    std::puts(answer ? answer->c_str() : "nobody");
}

int main() {
    amphi::run(amphi::threads, conversation);
    amphi::run(amphi::async, conversation);
}
