// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include "child.hpp"

#include <chrono>
#include <string>

namespace amphi::cli {

/// `amphi serve` in a process of its own, which ends with this object at the latest.
class demo_server {
public:
    /// Starts it and waits until it listens. Throws `std::runtime_error` when it does not.
    demo_server(
        const std::string& program, const std::string& folder, std::chrono::milliseconds delay
    );
    demo_server(const demo_server&) = delete;
    demo_server& operator=(const demo_server&) = delete;
    ~demo_server();

    /// Asks it to end, kills it if it does not, and gives its exit code; zero when it had ended.
    int stop();

    /// "http://127.0.0.1:PORT/"
    [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
    descriptor output_;
    child process_;
    bool is_running_ = true;
    std::string url_;
};

}  // namespace amphi::cli
