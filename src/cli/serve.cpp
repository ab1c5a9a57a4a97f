// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/join_handle.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/time/timeout.hpp>

#include "commands.hpp"
#include "fetch/interrupt.hpp"
#include "options.hpp"
#include "serve/folder.hpp"
#include "serve/server.hpp"
#include "serve/server_options.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <sys/resource.h>

namespace amphi::cli {

namespace {

// An interrupted process is to end within 2 s.
constexpr std::chrono::milliseconds drain_time_max{1000};

class serve_command {
public:
    std::string folder;
    std::string bind = "127.0.0.1";
    std::uint16_t port = 8080;
    std::chrono::milliseconds delay{0};
    executor where = async;
};

/// What the server's task works on. Whoever runs it waits for its end, so what it refers to lives.
class serve_job {
public:
    serve_job(serve::server& server, net::tcp_listener& listener, fetch::interrupt& stop) noexcept
        : server_(&server)
        , listener_(&listener)
        , stop_(&stop) {}

    [[nodiscard]] serve::server& server() const noexcept { return *server_; }
    [[nodiscard]] net::tcp_listener& listener() const noexcept { return *listener_; }
    [[nodiscard]] fetch::interrupt& stop() const noexcept { return *stop_; }

private:
    serve::server* server_;
    net::tcp_listener* listener_;
    fetch::interrupt* stop_;
};

}  // namespace

}  // namespace amphi::cli

template <>
inline constexpr bool amphi::enable_sendable<amphi::cli::serve_job> = true;

namespace amphi::cli {

namespace {

task<> accept_clients(serve_job job) {
    co_await job.server().run(job.listener());
}

task<> join(join_handle<>& accepting) {
    co_await accepting.join();
}

/// Serves until a signal comes, and then until the answers that have begun are sent.
task<> serve_until_stopped(serve_job job) {
    co_await scope(
        [](task_scope& jobs, const serve_job& all) -> task<> {
            join_handle<> accepting = co_await jobs.spawn(accept_clients, all);
            co_await readable(all.stop().fd());
            all.stop().take();
            all.server().drain();
            try {
                co_await timeout(drain_time_max, join, accepting);
            } catch (const timed_out&) {
                jobs.request_stop();
            }
        },
        job
    );
}

/// A connection takes two descriptors, its own and its file's; a few are needed besides.
std::size_t connections_max(const serve::server_options& options) {
    constexpr rlim_t besides = 24;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return options.connections_max();
    const rlim_t fitting = limit.rlim_cur > besides ? (limit.rlim_cur - besides) / 2 : 1;
    return static_cast<std::size_t>(std::clamp<rlim_t>(fitting, 1, options.connections_max()));
}

int serve_main(const serve_command& asked) {
    const auto at = net::endpoint::from_address(asked.bind, asked.port);
    if (!at)
        throw CLI::ValidationError("--bind", "'" + asked.bind + "' is no address like 127.0.0.1");
    fetch::interrupt stop;
    std::signal(SIGPIPE, SIG_IGN);
    auto options = serve::server_options().delay(asked.delay);
    options.connections_max(connections_max(options));
    serve::server server(serve::folder(asked.folder), options);
    net::tcp_listener listener = net::tcp_listener::bind(*at);
    // For scripts: what was started with port 0 is read from here.
    std::printf(
        "serving %s on http://%s\n",
        asked.folder.c_str(),
        net::to_string(listener.local_endpoint()).c_str()
    );
    std::fflush(stdout);
    run(asked.where, serve_until_stopped, serve_job(server, listener, stop));
    return 0;
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
    CLI::App* const command = app.add_subcommand("serve", "Serves a folder's files over HTTP/1.1");
    const auto asked = std::make_shared<serve_command>();
    command->add_option("DIR", asked->folder, "The folder")->required()->type_name("");
    command->add_option("--port", asked->port, "0: the system picks one (default 8080)")
        ->type_name("PORT");
    command->add_option("--bind", asked->bind, "The address to listen on (default 127.0.0.1)")
        ->type_name("ADDRESS");
    add_duration_option(
        *command, "--delay", asked->delay, "Hold each answer back, as a distant server would: 20ms"
    );
    add_executor_option(*command, asked->where);
    command->callback([asked, &exit_code] { exit_code = serve_main(*asked); });
}

}  // namespace amphi::cli
