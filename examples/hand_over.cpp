// SPDX-License-Identifier: BSL-1.0
// Unix sockets: who may not open a file gets it from one who may.
#include <amphi/amphi.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace net = amphi::net;

// [give]
amphi::task<> give(net::unix_listener& listener, int file) {
    auto peer = co_await listener.accept();
    if (peer.credentials().uid() != ::getuid()) co_return;  // the kernel says who it is
    const std::array<int, 1> passed{file};                  // a duplicate goes, `file` stays
    const std::array<std::byte, 1> byte{};
    (void)co_await peer.send_descriptors(byte, passed);
}
// [give]

// [take]
amphi::task<amphi::descriptor> take(net::unix_address from) {
    auto peer = co_await net::unix_stream::connect(from);
    std::array<std::byte, 1> byte{};
    auto received = co_await peer.receive_descriptors(byte, 1);
    if (received.descriptors.empty()) throw std::runtime_error("refused");
    co_return std::move(received.descriptors.front());
}
// [take]

amphi::task<> both() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    const amphi::descriptor reading(ends[0]);
    amphi::descriptor writing(ends[1]);
    auto listener = net::unix_listener::bind(net::unix_address());
    const auto where = listener.local_address();
    const auto taken = co_await amphi::scope(
        [](amphi::task_scope& jobs, auto& from, auto at, int fd) -> amphi::task<amphi::descriptor> {
            const auto giving = [](net::unix_listener owned, int file) -> amphi::task<> {
                co_await give(owned, file);
            };
            co_await jobs.spawn(giving, std::move(from), fd);
            auto file = co_await take(at);
            co_return file;
        },
        listener,
        where,
        writing.get()
    );
    writing.reset();
    (void)!::write(taken.get(), "handed over\n", 12);
    std::array<char, 12> text{};
    (void)!::read(reading.get(), text.data(), text.size());
    std::fwrite(text.data(), 1, text.size(), stdout);
}

int main() {
    amphi::run(amphi::threads, both);
    amphi::run(amphi::async, both);
}
