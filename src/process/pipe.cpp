// SPDX-License-Identifier: BSL-1.0
#include <amphi/process/pipe.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/io/write_without_signal.hpp>
#include <amphi/task/task.hpp>

#include "pipe_end.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace amphi {

bool detail::set_blocking(int fd, bool blocking) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0) return false;
    const int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    return wanted == flags || ::fcntl(fd, F_SETFL, wanted) == 0;
}

namespace {

std::unique_ptr<detail::pipe_end> take_over(descriptor owned) {
    if (!detail::set_blocking(owned.get(), false))
        detail::throw_system_error(errno, "take over a pipe");
    return std::make_unique<detail::pipe_end>(std::move(owned));
}

descriptor give_away(std::unique_ptr<detail::pipe_end>& end) {
    if (!end) detail::throw_system_error(EBADF, "give a pipe away");
    descriptor fd = std::move(end->fd);
    end.reset();
    if (!detail::set_blocking(fd.get(), true))
        detail::throw_system_error(errno, "give a pipe away");
    return fd;
}

int handle_of(const std::unique_ptr<detail::pipe_end>& end) noexcept {
    return end ? end->fd.get() : -1;
}

}  // namespace

pipe_reader::pipe_reader(descriptor owned) : end_(take_over(std::move(owned))) {}
pipe_reader::pipe_reader(pipe_reader&& other) noexcept = default;
pipe_reader& pipe_reader::operator=(pipe_reader&& other) noexcept = default;
pipe_reader::~pipe_reader() = default;

task<std::size_t> pipe_reader::read_some(std::span<std::byte> into) {
    if (!end_) detail::throw_system_error(EBADF, "read from a pipe that is closed");
    detail::pipe_end& from = *end_;
    detail::checkpoint begun;
    co_await begun;
    for (;;) {
        const std::ptrdiff_t count = detail::read_now(from.fd.get(), into);
        if (count >= 0) co_return static_cast<std::size_t>(count);
        if (count != -EAGAIN)
            detail::throw_system_error(static_cast<int>(-count), "read from a pipe");
        detail::ready_operation ready(from.readiness, from.fd.get(), detail::direction::read);
        co_await ready;
    }
}

descriptor pipe_reader::release() {
    return give_away(end_);
}

int pipe_reader::native_handle() const noexcept {
    return handle_of(end_);
}

void pipe_reader::close() noexcept {
    end_.reset();
}

pipe_writer::pipe_writer(descriptor owned) : end_(take_over(std::move(owned))) {}
pipe_writer::pipe_writer(pipe_writer&& other) noexcept = default;
pipe_writer& pipe_writer::operator=(pipe_writer&& other) noexcept = default;
pipe_writer::~pipe_writer() = default;

task<std::size_t> pipe_writer::write_some(std::span<const std::byte> from) {
    if (!end_) detail::throw_system_error(EBADF, "write to a pipe that is closed");
    detail::pipe_end& to = *end_;
    detail::checkpoint begun;
    co_await begun;
    for (;;) {
        const std::ptrdiff_t count = detail::write_without_signal(to.fd.get(), from);
        if (count >= 0) co_return static_cast<std::size_t>(count);
        if (count == -EINTR) continue;
        if (count != -EAGAIN)
            detail::throw_system_error(static_cast<int>(-count), "write to a pipe");
        detail::ready_operation ready(to.readiness, to.fd.get(), detail::direction::write);
        co_await ready;
    }
}

descriptor pipe_writer::release() {
    return give_away(end_);
}

int pipe_writer::native_handle() const noexcept {
    return handle_of(end_);
}

void pipe_writer::close() noexcept {
    end_.reset();
}

std::pair<pipe_reader, pipe_writer> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        detail::throw_system_error(errno, "make a pipe");
    descriptor read(ends[0]);
    descriptor write(ends[1]);
    pipe_reader reader(std::move(read));
    return {std::move(reader), pipe_writer(std::move(write))};
}

}  // namespace amphi
