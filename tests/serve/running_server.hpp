// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/run.hpp>
#include <amphi/net/tcp.hpp>

#include "serve/server.hpp"
#include "support/borrowed.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <csignal>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace amphi::serve {

/// A server in each life, on a thread of its own, for a folder with one file, "a", of 3 bytes.
class running_server : public testing::each_life {
public:
    running_server() {
        std::signal(SIGPIPE, SIG_IGN);
        write("a", "aaa");
    }
    ~running_server() override { finish(); }

    void write(const std::string& name, const std::string& text) {
        std::ofstream(temp_ / name) << text;
    }

    /// Gives the port.
    std::uint16_t start(const server_options& options = {}) {
        server_ = std::make_unique<server>(folder(temp_.path()), options);
        listener_ =
            std::make_unique<net::tcp_listener>(net::tcp_listener::bind(net::endpoint::loopback(0))
            );
        const std::uint16_t port = listener_->local_endpoint().port();
        thread_ = std::thread([this] {
            run([](testing::borrowed<server> with,
                   testing::borrowed<net::tcp_listener> on) -> task<> { co_await with->run(*on); },
                *server_,
                *listener_);
        });
        return port;
    }

    [[nodiscard]] server& started() noexcept { return *server_; }

    /// Drains it and waits for its end.
    void finish() {
        if (server_) server_->drain();
        if (thread_.joinable()) thread_.join();
    }

private:
    testing::temp_folder temp_;
    std::unique_ptr<server> server_;
    std::unique_ptr<net::tcp_listener> listener_;
    std::thread thread_;
};

}  // namespace amphi::serve
