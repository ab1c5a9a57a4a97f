// SPDX-License-Identifier: BSL-1.0
#include <amphi/tls.hpp>

#include <amphi/amphi.hpp>

#include <cstdio>

amphi::task<> connect_to_nowhere() {
    const amphi::tls::client_context context;
    auto end = amphi::net::unix_stream::pair().first;
    (void)co_await amphi::tls::connect(std::move(end), "", context);
}

int main() {
    try {
        amphi::run(amphi::threads, connect_to_nowhere);
    } catch (const amphi::tls::tls_error& error) {
        std::puts(error.what());
        return 0;
    }
    return 1;
}
