// SPDX-License-Identifier: BSL-1.0
#include <amphi/process/standard_streams.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/io/write_without_signal.hpp>
#include <amphi/task/task.hpp>

#include "pipe_end.hpp"
#include "standard_stream.hpp"

#include <cerrno>
#include <climits>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi {

namespace detail {

namespace {

/// The same pipe or terminal under flags of its own; nothing where that is forbidden, as it is
/// after a change of user, or makes no sense.
descriptor open_anew(int number, const struct stat& status, bool writes) {
    // To open the master of all pseudo-terminals anew would make another one.
    const bool is_terminal =
        S_ISCHR(status.st_mode) && status.st_rdev != makedev(5, 2) && ::isatty(number) == 1;
    if (!S_ISFIFO(status.st_mode) && !is_terminal) return {};
    const std::string path = "/proc/self/fd/" + std::to_string(number);
    const int flags = (writes ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    return descriptor(::open(path.c_str(), flags));
}

/// Reads without waiting, or, of the ways that need another wait first, when that is over.
std::ptrdiff_t read_now_from(const standard_stream& from, std::span<std::byte> into) noexcept {
    if (from.how != standard_stream::way::socket) return read_now(from.fd.get(), into);
    const ssize_t count = ::recv(from.fd.get(), into.data(), into.size(), MSG_DONTWAIT);
    return count >= 0 ? count : -errno;
}

std::ptrdiff_t write_now_to(const standard_stream& to, std::span<const std::byte> from) noexcept {
    if (to.how == standard_stream::way::ready_first && from.size() > PIPE_BUF)
        from = from.first(PIPE_BUF);  // What is ready takes as much without blocking.
    if (to.how != standard_stream::way::socket) return write_without_signal(to.fd.get(), from);
    const ssize_t count =
        ::send(to.fd.get(), from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return count >= 0 ? count : -errno;
}

std::ptrdiff_t read_blocking(int fd, lent_bytes<std::byte> into) noexcept {
    return read_now(fd, into.get());
}

std::ptrdiff_t write_blocking(int fd, lent_bytes<const std::byte> from) noexcept {
    for (;;) {
        const std::ptrdiff_t count = write_without_signal(fd, from.get());
        if (count != -EINTR) return count;
    }
}

std::size_t size_or_throw(std::ptrdiff_t count, const char* operation, const standard_stream& of) {
    if (count < 0) throw_system_error(static_cast<int>(-count), operation, of.name);
    return static_cast<std::size_t>(count);
}

std::unique_ptr<standard_stream> open_stream(int number, const char* name, bool writes) {
    return std::make_unique<standard_stream>(number, name, writes);
}

standard_stream& opened(const std::unique_ptr<standard_stream>& stream) {
    if (!stream) throw_system_error(EBADF, "use a standard stream that was moved away");
    return *stream;
}

}  // namespace

standard_stream::standard_stream(int number, const char* called, bool writes)
    : name(called)
    , how(way::opened_anew) {
    struct stat status{};
    if (::fstat(number, &status) != 0) throw_system_error(errno, "use", name);
    fd = open_anew(number, status, writes);
    if (fd) return;
    fd.reset(::fcntl(number, F_DUPFD_CLOEXEC, 0));
    if (!fd) throw_system_error(errno, "use", name);
    if (S_ISSOCK(status.st_mode))
        how = way::socket;
    else if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))
        how = way::blocking;
    else
        how = way::ready_first;
}

}  // namespace detail

using detail::standard_stream;

standard_reader::standard_reader(std::unique_ptr<standard_stream> stream) noexcept
    : stream_(std::move(stream)) {}
standard_reader::standard_reader(standard_reader&& other) noexcept = default;
standard_reader& standard_reader::operator=(standard_reader&& other) noexcept = default;
standard_reader::~standard_reader() = default;

task<std::size_t> standard_reader::read_some(std::span<std::byte> into) {
    standard_stream& from = detail::opened(stream_);
    if (from.how == standard_stream::way::blocking) {
        const detail::lent_bytes<std::byte> lent(into);
        const std::ptrdiff_t count =
            co_await on(threads, detail::read_blocking, from.fd.get(), lent);
        co_return detail::size_or_throw(count, "read from", from);
    }
    detail::checkpoint begun;
    co_await begun;
    if (into.empty()) co_return std::size_t{0};
    for (;;) {
        if (from.how == standard_stream::way::ready_first) {
            auto ready = readable(from.fd.get());
            co_await ready;
        }
        const std::ptrdiff_t count = detail::read_now_from(from, into);
        if (count == -EINTR) continue;
        if (count != -EAGAIN) co_return detail::size_or_throw(count, "read from", from);
        if (from.how == standard_stream::way::ready_first) continue;
        detail::ready_operation ready(from.readiness, from.fd.get(), detail::direction::read);
        co_await ready;
    }
}

standard_writer::standard_writer(std::unique_ptr<standard_stream> stream) noexcept
    : stream_(std::move(stream)) {}
standard_writer::standard_writer(standard_writer&& other) noexcept = default;
standard_writer& standard_writer::operator=(standard_writer&& other) noexcept = default;
standard_writer::~standard_writer() = default;

task<std::size_t> standard_writer::write_some(std::span<const std::byte> from) {
    standard_stream& to = detail::opened(stream_);
    if (to.how == standard_stream::way::blocking) {
        const detail::lent_bytes<const std::byte> lent(from);
        const std::ptrdiff_t count =
            co_await on(threads, detail::write_blocking, to.fd.get(), lent);
        co_return detail::size_or_throw(count, "write to", to);
    }
    detail::checkpoint begun;
    co_await begun;
    if (from.empty()) co_return std::size_t{0};
    for (;;) {
        if (to.how == standard_stream::way::ready_first) {
            auto ready = writable(to.fd.get());
            co_await ready;
        }
        const std::ptrdiff_t count = detail::write_now_to(to, from);
        if (count == -EINTR) continue;
        if (count != -EAGAIN) co_return detail::size_or_throw(count, "write to", to);
        if (to.how == standard_stream::way::ready_first) continue;
        detail::ready_operation ready(to.readiness, to.fd.get(), detail::direction::write);
        co_await ready;
    }
}

standard_reader standard_input() {
    return standard_reader(detail::open_stream(STDIN_FILENO, "standard input", false));
}

standard_writer standard_output() {
    return standard_writer(detail::open_stream(STDOUT_FILENO, "standard output", true));
}

standard_writer standard_error() {
    return standard_writer(detail::open_stream(STDERR_FILENO, "standard error", true));
}

}  // namespace amphi
