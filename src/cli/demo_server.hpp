// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include "child.hpp"

#include <chrono>
#include <string>

namespace amphi::cli {

/// `amphi serve` in a process of its own, which ends with this object.
class demo_server {
public:
    /// Starts it and waits until it listens. Throws `std::runtime_error` when it does not.
    demo_server(
        const std::string& program, const std::string& folder, std::chrono::milliseconds delay
    );

    /// "http://127.0.0.1:PORT/"
    [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
    descriptor output_;
    child process_;
    std::string url_;
};

}  // namespace amphi::cli
