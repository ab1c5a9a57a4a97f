// SPDX-License-Identifier: BSL-1.0
// Ends cleanly on Ctrl-C: a signal is something to await.
#include <amphi/amphi.hpp>

#include <csignal>
#include <cstdio>

amphi::task<> serve() {
    co_await amphi::sleep_until(amphi::never);
}

// [signal]
amphi::task<> serve_until(amphi::signals& ending) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, amphi::signals& from) -> amphi::task<> {
            co_await jobs.spawn(serve);
            const int signal = co_await from.receive();
            std::printf("ends by %s\n", amphi::signal_name(signal).c_str());
            jobs.request_stop();
        },
        ending
    );
}

amphi::task<> body() {
    amphi::signals ending{SIGINT, SIGTERM};
    std::raise(SIGTERM);  // stands for the user, who wants it to end
    co_await serve_until(ending);
}

int main() {
    amphi::run(amphi::default_executor, body);
    std::puts("ended");
}
// [signal]
