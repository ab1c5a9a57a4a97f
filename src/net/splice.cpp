// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/splice.hpp>

#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/task.hpp>

#include "splice_pipe.hpp"
#include "stream_socket.hpp"
#include "transfer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <sys/types.h>

namespace amphi::detail {

namespace {

/// From a socket into the pipe. Zero is the stream's end.
class filling {
public:
    static constexpr auto waits_for = direction::read;

    filling(splice_pipe& into, std::size_t size_max) noexcept : pipe_(into), size_max_(size_max) {}

    [[nodiscard]] ssize_t now(int fd) const noexcept { return pipe_.fill_from(fd, size_max_); }
    [[nodiscard]] std::size_t result(const stream_socket&, ssize_t count) const noexcept {
        return static_cast<std::size_t>(count);
    }
    void fail(const stream_socket& from, int error) const { from.fail(error, "read from"); }

private:
    splice_pipe& pipe_;
    std::size_t size_max_;
};

/// From the pipe into a socket.
class draining {
public:
    static constexpr auto waits_for = direction::write;

    explicit draining(splice_pipe& from) noexcept : pipe_(from) {}

    [[nodiscard]] ssize_t now(int fd) const noexcept { return pipe_.drain_to_socket(fd); }
    [[nodiscard]] std::size_t result(const stream_socket&, ssize_t count) const noexcept {
        return static_cast<std::size_t>(count);
    }
    void fail(const stream_socket& to, int error) const { to.fail(error, "write to"); }

private:
    splice_pipe& pipe_;
};

void drain(splice_pipe& from, int file, std::uint64_t offset) {
    from.drain_to_file(file, offset);
}

}  // namespace

task<std::uint64_t>
receive_file(stream_socket& from, int file, std::uint64_t offset, std::uint64_t count) {
    checkpoint begun;
    co_await begun;
    splice_pipe pipe;
    // What is waited for here is an edge that the next read would wait for otherwise.
    from.drained = false;
    std::uint64_t total = 0;
    while (total < count) {
        const auto most =
            static_cast<std::size_t>(std::min<std::uint64_t>(count - total, pipe.capacity));
        const std::size_t more = co_await transfer(from, filling(pipe, most));
        if (more == 0) break;
        const std::uint64_t at = offset + total;
        co_await amphi::on(threads, drain, pipe, file, at);
        total += more;
    }
    co_return total;
}

task<std::uint64_t> splice(stream_socket& from, stream_socket& to) {
    checkpoint begun;
    co_await begun;
    splice_pipe pipe;
    from.drained = false;
    std::uint64_t total = 0;
    for (;;) {
        const std::size_t more = co_await transfer(from, filling(pipe, pipe.capacity));
        if (more == 0) co_return total;
        while (pipe.held() > 0)
            co_await transfer(to, draining(pipe));
        total += more;
    }
}

}  // namespace amphi::detail
