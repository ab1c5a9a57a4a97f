// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>

namespace amphi::serve {

/// How a server treats its clients. A value.
class server_options {
public:
    server_options() = default;

    /// How long an answer is held back, as if the server were far away.
    server_options& delay(std::chrono::milliseconds length) noexcept {
        delay_ = length;
        return *this;
    }
    /// How long a request's head may take: the first one from the accept on, later ones from their
    /// first byte on.
    server_options& head_timeout(std::chrono::milliseconds length) noexcept {
        head_timeout_ = length;
        return *this;
    }
    /// How long a connection may wait for its next request.
    server_options& idle_timeout(std::chrono::milliseconds length) noexcept {
        idle_timeout_ = length;
        return *this;
    }
    /// How long a client may take nothing of an answer.
    server_options& stall_timeout(std::chrono::milliseconds length) noexcept {
        stall_timeout_ = length;
        return *this;
    }
    /// How long a request's head may be.
    server_options& head_bytes_max(std::size_t size) noexcept {
        head_bytes_max_ = size;
        return *this;
    }
    /// How many connections are served at once; others wait to be accepted.
    server_options& connections_max(std::size_t count) noexcept {
        connections_max_ = count;
        return *this;
    }

    [[nodiscard]] std::chrono::milliseconds delay() const noexcept { return delay_; }
    [[nodiscard]] std::chrono::milliseconds head_timeout() const noexcept { return head_timeout_; }
    [[nodiscard]] std::chrono::milliseconds idle_timeout() const noexcept { return idle_timeout_; }
    [[nodiscard]] std::chrono::milliseconds stall_timeout() const noexcept {
        return stall_timeout_;
    }
    [[nodiscard]] std::size_t head_bytes_max() const noexcept { return head_bytes_max_; }
    [[nodiscard]] std::size_t connections_max() const noexcept { return connections_max_; }

private:
    std::chrono::milliseconds delay_{0};
    std::chrono::milliseconds head_timeout_{std::chrono::seconds(10)};
    std::chrono::milliseconds idle_timeout_{std::chrono::seconds(60)};
    std::chrono::milliseconds stall_timeout_{std::chrono::seconds(60)};
    std::size_t head_bytes_max_ = std::size_t{16} * 1024;
    std::size_t connections_max_ = 10000;
};

}  // namespace amphi::serve
