// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/socket_ready.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/net/unix_address.hpp>
#include <amphi/task/task.hpp>

#include "socket_file.hpp"
#include "unix_socket.hpp"
#include "unix_socket_address.hpp"

#include <cerrno>
#include <memory>
#include <utility>

#include <sys/socket.h>

namespace amphi::net {

unix_listener::unix_listener(std::unique_ptr<detail::unix_acceptor> acceptor) noexcept
    : acceptor_(std::move(acceptor)) {}
unix_listener::unix_listener(unix_listener&& other) noexcept = default;
unix_listener& unix_listener::operator=(unix_listener&& other) noexcept = default;
unix_listener::~unix_listener() = default;

detail::unix_acceptor& unix_listener::acceptor() const {
    if (!acceptor_) detail::throw_system_error(EBADF, "use a Unix listener that is closed");
    return *acceptor_;
}

unix_listener unix_listener::bind(const unix_address& at, int backlog) {
    auto made = std::make_unique<detail::unix_acceptor>(detail::make_unix_socket(SOCK_STREAM));
    const int fd = made->fd.get();
    made->file.bind(fd, at, "listen on");
    if (::listen(fd, backlog) != 0) detail::throw_system_error(errno, "listen on", to_string(at));
    made->local = detail::unix_address_of(fd, ::getsockname);
    return unix_listener(std::move(made));
}

task<unix_stream> unix_listener::accept() {
    detail::unix_socket_address peer;
    descriptor fd = co_await acceptor().accept(peer.get(), peer.size());
    co_return unix_stream(std::make_unique<detail::unix_socket>(std::move(fd)));
}

detail::socket_ready unix_listener::readable() {
    detail::unix_acceptor& at = acceptor();
    return {at.readiness, at.fd.get(), detail::direction::read};
}

unix_address unix_listener::local_address() const {
    return acceptor().local;
}

int unix_listener::native_handle() const noexcept {
    return acceptor_ ? acceptor_->fd.get() : -1;
}

void unix_listener::close() noexcept {
    acceptor_.reset();
}

}  // namespace amphi::net
