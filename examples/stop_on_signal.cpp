// SPDX-License-Identifier: BSL-1.0
// Ends cleanly on Ctrl-C: a signal is something to await.
#include <amphi/amphi.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

amphi::task<> serve() {
    co_await amphi::sleep_until(amphi::never);
}

// [signal]
amphi::task<int> next_signal(int signals) {
    co_await amphi::readable(signals);
    signalfd_siginfo info{};
    if (::read(signals, &info, sizeof info) != sizeof info)
        throw std::system_error(errno, std::system_category(), "read a signal");
    co_return static_cast<int>(info.ssi_signo);
}

amphi::task<> serve_until(int signals) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, int fd) -> amphi::task<> {
            co_await jobs.spawn(serve);
            const int signal = co_await next_signal(fd);
            std::printf("ends by signal %d\n", signal);
            jobs.request_stop();
        },
        signals
    );
}

int main() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);  // before any thread starts: they inherit it
    const amphi::descriptor signals(::signalfd(-1, &ending, SFD_CLOEXEC));

    ::kill(::getpid(), SIGTERM);  // stands for the user, who wants it to end
    amphi::run(amphi::default_executor, serve_until, signals.get());
    std::puts("ended");
}
// [signal]
