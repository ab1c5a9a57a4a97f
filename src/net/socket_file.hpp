// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/net/unix_address.hpp>

#include <string>

#include <sys/types.h>

namespace amphi::detail {

/// The file that binding a Unix socket has made. It is removed with its owner, if it is still the
/// same one, and in the process that has made it: a child that was forked has not.
class socket_file {
public:
    socket_file() noexcept = default;
    socket_file(const socket_file&) = delete;
    socket_file& operator=(const socket_file&) = delete;
    ~socket_file();

    /// Binds `fd` to `at`, and owns the file if that makes one. Throws `std::system_error` of
    /// `operation`, which tells what is wrong with a file that is there already.
    void bind(int fd, const net::unix_address& at, const char* operation);

private:
    std::string path_;  // empty: there is nothing to remove
    dev_t device_ = 0;
    ino_t number_ = 0;
    int maker_ = 0;  // the process
};

/// Makes a non-blocking Unix socket of the kind `type` (SOCK_STREAM, SOCK_DGRAM) that does not
/// cross an exec.
[[nodiscard]] descriptor make_unix_socket(int type);

}  // namespace amphi::detail
