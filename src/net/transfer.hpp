// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/task.hpp>

#include <cerrno>

#include <unistd.h>

namespace amphi::detail {

/// One system call on a socket, tried until it need not wait. `Socket` has `fd` and `readiness`;
/// `Call` has
///
///   static constexpr direction waits_for
///   ssize_t now(int fd)                      what the call returned, or a negated errno
///   R result(const Socket&, ssize_t)         of what it returned; may throw
///   void fail(const Socket&, int error)      throws
template <class Socket, class Call>
auto transfer(Socket& on, Call call) -> task<decltype(call.result(on, 0))> {
    checkpoint begun;
    co_await begun;
    for (;;) {
        const ssize_t count = call.now(on.fd.get());
        if (count >= 0) co_return call.result(on, count);
        if (count == -EAGAIN) {
            ready_operation ready(on.readiness, on.fd.get(), Call::waits_for);
            co_await ready;
        } else if (count != -EINTR) {
            call.fail(on, static_cast<int>(-count));
        }
    }
}

}  // namespace amphi::detail
