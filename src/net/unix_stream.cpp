// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/socket_ready.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/net/unix_address.hpp>
#include <amphi/task/task.hpp>

#include "passed_descriptors.hpp"
#include "socket_file.hpp"
#include "transfer.hpp"
#include "unix_socket.hpp"
#include "unix_socket_address.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <sys/types.h>

namespace amphi::net {

namespace {

/// See `unix_stream::send_descriptors`.
class descriptors_sent {
public:
    static constexpr auto waits_for = detail::direction::write;

    descriptors_sent(std::span<const std::byte> from, std::span<const int> passed) noexcept
        : from_(from)
        , passed_(passed) {}

    [[nodiscard]] ssize_t now(int fd) const noexcept {
        // Without a byte the kernel would send nothing, and say that all went well.
        if (from_.empty() && !passed_.empty()) return -EINVAL;
        return detail::send_with_descriptors(fd, from_, passed_);
    }
    [[nodiscard]] std::size_t result(const detail::unix_socket&, ssize_t count) const noexcept {
        return static_cast<std::size_t>(count);
    }
    [[noreturn]] void fail(const detail::unix_socket& to, int error) const {
        const std::string what = "send " + std::to_string(passed_.size()) + " descriptors with " +
                                 std::to_string(from_.size()) + " bytes to";
        to.fail(error, what.c_str());
    }

private:
    std::span<const std::byte> from_;
    std::span<const int> passed_;
};

/// See `unix_stream::receive_descriptors`.
class descriptors_received {
public:
    static constexpr auto waits_for = detail::direction::read;

    descriptors_received(std::span<std::byte> into, std::size_t count_max) noexcept
        : into_(into)
        , count_max_(count_max) {}

    [[nodiscard]] ssize_t now(int fd) { return message_.receive(fd, into_, count_max_); }
    [[nodiscard]] received_descriptors result(const detail::unix_socket& from, ssize_t count) {
        if (message_.error != 0) fail(from, message_.error);
        return {static_cast<std::size_t>(count), std::move(message_.descriptors)};
    }
    [[noreturn]] void fail(const detail::unix_socket& from, int error) const {
        const std::string what =
            "receive at most " + std::to_string(count_max_) + " descriptors from";
        from.fail(error, what.c_str());
    }

private:
    std::span<std::byte> into_;
    std::size_t count_max_;
    detail::descriptor_message message_;
};

}  // namespace

unix_stream::unix_stream(std::unique_ptr<detail::unix_socket> socket) noexcept
    : socket_(std::move(socket)) {}
unix_stream::unix_stream(unix_stream&& other) noexcept = default;
unix_stream& unix_stream::operator=(unix_stream&& other) noexcept = default;
unix_stream::~unix_stream() = default;

detail::unix_socket& unix_stream::socket() const {
    if (!socket_) detail::throw_system_error(EBADF, "use a Unix stream that is closed");
    return *socket_;
}

task<unix_stream> unix_stream::connect(unix_address to) {
    detail::checkpoint begun;
    co_await begun;
    const detail::unix_socket_address address(to);
    descriptor fd = detail::make_unix_socket(SOCK_STREAM);
    int error = EINTR;
    while (error == EINTR)
        error = ::connect(fd.get(), address.get(), address.size()) == 0 ? 0 : errno;
    if (error == EAGAIN)
        detail::throw_system_error(error, "connect to", to_string(to) + ", whose queue is full");
    if (error != 0) detail::throw_system_error(error, "connect to", to_string(to));
    co_return unix_stream(std::make_unique<detail::unix_socket>(std::move(fd)));
}

std::pair<unix_stream, unix_stream> unix_stream::pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
        detail::throw_system_error(errno, "make a pair of Unix sockets");
    descriptor first(ends[0]);
    descriptor second(ends[1]);
    return {
        unix_stream(std::make_unique<detail::unix_socket>(std::move(first))),
        unix_stream(std::make_unique<detail::unix_socket>(std::move(second)))
    };
}

task<std::size_t> unix_stream::read_some(std::span<std::byte> into) {
    return socket().read_some(into);
}

task<std::size_t> unix_stream::write_some(std::span<const std::byte> from) {
    return socket().write_some(from, {});
}

task<std::size_t>
unix_stream::write_some(std::span<const std::byte> first, std::span<const std::byte> second) {
    return socket().write_some(first, second);
}

task<> unix_stream::write_all(std::span<const std::byte> from) {
    return socket().write_all(from);
}

task<std::size_t>
unix_stream::send_descriptors(std::span<const std::byte> from, std::span<const int> passed) {
    return detail::transfer(socket(), descriptors_sent(from, passed));
}

task<received_descriptors>
unix_stream::receive_descriptors(std::span<std::byte> into, std::size_t count_max) {
    return detail::transfer(socket(), descriptors_received(into, count_max));
}

void unix_stream::shutdown_write() {
    socket().shutdown_write();
}

peer_credentials unix_stream::credentials() const {
    const detail::unix_socket& of = socket();
    ucred told{};
    socklen_t size = sizeof told;
    if (::getsockopt(of.fd.get(), SOL_SOCKET, SO_PEERCRED, &told, &size) != 0)
        of.fail(errno, "ask for the credentials of");
    return {told.pid, told.uid, told.gid};
}

detail::socket_ready unix_stream::readable() {
    detail::unix_socket& of = socket();
    return {of.readiness, of.fd.get(), detail::direction::read, &of.drained};
}

detail::socket_ready unix_stream::writable() {
    detail::unix_socket& of = socket();
    return {of.readiness, of.fd.get(), detail::direction::write};
}

unix_address unix_stream::local_address() const {
    return detail::unix_address_of(socket().fd.get(), ::getsockname);
}

unix_address unix_stream::remote_address() const {
    return detail::unix_address_of(socket().fd.get(), ::getpeername);
}

int unix_stream::native_handle() const noexcept {
    return socket_ ? socket_->fd.get() : -1;
}

void unix_stream::close() noexcept {
    socket_.reset();
}

}  // namespace amphi::net
