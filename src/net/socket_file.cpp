// SPDX-License-Identifier: BSL-1.0
#include "socket_file.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/net/unix_address.hpp>

#include "unix_socket_address.hpp"

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::detail {

namespace {

/// Why the path cannot be had, as far as that can be told.
std::string what_is_there(const std::string& path, const unix_socket_address& at) {
    struct stat there{};
    if (::lstat(path.c_str(), &there) != 0) return {};
    if (!S_ISSOCK(there.st_mode)) return " (the file is there, and is no socket)";
    // One of another kind is refused by another error, so whoever has the path does not notice.
    // Without a descriptor for it nothing is told.
    const descriptor probe(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const bool stale =
        probe && ::connect(probe.get(), at.get(), at.size()) != 0 && errno == ECONNREFUSED;
    return stale ? " (the file is there, and nobody has it open any more: remove it first)" : "";
}

}  // namespace

descriptor make_unix_socket(int type) {
    descriptor made(::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!made) throw_system_error(errno, "make a Unix socket");
    return made;
}

void socket_file::bind(int fd, const net::unix_address& at, const char* operation) {
    const unix_socket_address address(at);
    const std::string name = to_string(at);
    if (::bind(fd, address.get(), address.size()) != 0) {
        const int error = errno;
        std::string why;
        if (error == EADDRINUSE && at.is_path()) why = what_is_there(name, address);
        throw_system_error(error, operation, name + why);
    }
    struct stat made{};
    if (!at.is_path() || ::lstat(name.c_str(), &made) != 0) return;
    // The working folder may be another one by the time when it is removed.
    std::error_code unknown;
    const std::string whole = std::filesystem::absolute(name, unknown).string();
    path_ = unknown ? name : whole;
    device_ = made.st_dev;
    number_ = made.st_ino;
    maker_ = ::getpid();
}

// The number of a file is not used again while a socket is bound to it, so nobody else's file can
// have it.
socket_file::~socket_file() {
    struct stat there{};
    if (path_.empty() || maker_ != ::getpid() || ::lstat(path_.c_str(), &there) != 0) return;
    if (there.st_dev == device_ && there.st_ino == number_) ::unlink(path_.c_str());
}

}  // namespace amphi::detail
