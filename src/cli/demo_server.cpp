// SPDX-License-Identifier: BSL-1.0
#include "demo_server.hpp"

#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace amphi::cli {

namespace {

constexpr int start_timeout_ms = 10'000;
constexpr std::chrono::seconds stop_time_max{3};

child start(
    const std::string& program,
    const std::string& folder,
    std::chrono::milliseconds delay,
    descriptor& output
) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) detail::throw_system_error(errno, "cannot make a pipe");
    output.reset(ends[0]);
    const descriptor input(ends[1]);
    return child::exec(
        {program, "serve", folder, "--port", "0", "--delay", std::to_string(delay.count()) + "ms"},
        input
    );
}

/// The first line of what the server says.
std::string first_line(const descriptor& output) {
    std::string line;
    while (line.find('\n') == std::string::npos) {
        pollfd readable{output.get(), POLLIN, 0};
        std::array<char, 512> piece{};
        const bool in_time = poll(&readable, 1, start_timeout_ms) > 0;
        const ssize_t count = in_time ? read(output.get(), piece.data(), piece.size()) : 0;
        if (count <= 0) throw std::runtime_error("the server of the demo did not start");
        line.append(piece.data(), static_cast<std::size_t>(count));
    }
    return line.substr(0, line.find('\n'));
}

std::string url_in(const std::string& line) {
    constexpr std::string_view before = " on http://";
    const std::size_t at = line.rfind(before);
    if (at == std::string::npos) throw std::runtime_error("the server of the demo said: " + line);
    return line.substr(at + 4) + "/";
}

}  // namespace

demo_server::demo_server(
    const std::string& program, const std::string& folder, std::chrono::milliseconds delay
)
    : process_(start(program, folder, delay, output_))
    , url_(url_in(first_line(output_))) {}

demo_server::~demo_server() {
    try {
        stop();
    } catch (const std::system_error&) {
        // It could not be waited for: it is killed with `process_`.
    }
}

int demo_server::stop() {
    if (!std::exchange(is_running_, false)) return 0;
    process_.request_stop();
    return process_.wait(clock::now() + stop_time_max, -1).exit_code;
}

}  // namespace amphi::cli
