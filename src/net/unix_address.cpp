// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/unix_address.hpp>

#include <amphi/base/error.hpp>

#include "unix_socket_address.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

namespace amphi {

namespace net {

static_assert(unix_address::size_max + 1 == sizeof(sockaddr_un::sun_path));

namespace {

void expect_fits(std::string_view name, const char* kind) {
    if (name.size() <= unix_address::size_max) return;
    detail::throw_system_error(
        ENAMETOOLONG,
        "name a Unix socket by",
        std::string(kind) + " of " + std::to_string(name.size()) + " bytes, where at most " +
            std::to_string(unix_address::size_max) + " are allowed: " + std::string(name)
    );
}

}  // namespace

void unix_address::set_path(std::string_view path) {
    expect_fits(path, "a path");
    if (path.empty()) detail::throw_system_error(EINVAL, "name a Unix socket by an empty path");
    // The system would cut it off there.
    const std::size_t zero = path.find('\0');
    if (zero != std::string_view::npos)
        detail::throw_system_error(
            EINVAL, "name a Unix socket by", std::string(path.substr(0, zero)) + "\\0..."
        );
    path.copy(bytes_.data(), path.size());
    size_ = static_cast<std::uint8_t>(path.size());
}

unix_address unix_address::abstract(std::string_view name) {
    expect_fits(name, "an abstract name");
    unix_address made;
    name.copy(made.bytes_.data() + 1, name.size());
    made.size_ = static_cast<std::uint8_t>(name.size() + 1);
    return made;
}

std::string to_string(const unix_address& shown) {
    if (shown.is_unnamed()) return "(unnamed)";
    if (shown.is_path()) return std::string(shown.name());
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "@";
    for (const char c : shown.name()) {
        if (c >= ' ' && c <= '~') {
            text += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return text;
}

}  // namespace net

namespace detail {

unix_socket_address::unix_socket_address(const net::unix_address& from) noexcept
    : size_(static_cast<socklen_t>(offsetof(sockaddr_un, sun_path)) + from.size_) {
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, from.bytes_.data(), from.size_);
    // With the zero that ends a path, where there is room for it: the kernel needs none.
    if (from.is_path() && size_ < sizeof address_) ++size_;
}

net::unix_address unix_socket_address::to_address() const noexcept {
    net::unix_address to;
    constexpr socklen_t head = offsetof(sockaddr_un, sun_path);
    if (size_ <= head) return to;
    std::size_t used = std::min<std::size_t>(size_ - head, sizeof address_.sun_path);
    if (address_.sun_path[0] != '\0') used = ::strnlen(address_.sun_path, used);
    // A foreign program may have bound to a path that fills all the room, without a zero.
    std::memcpy(to.bytes_.data(), address_.sun_path, used);
    to.size_ = static_cast<std::uint8_t>(used);
    return to;
}

net::unix_address
unix_address_of(int fd, int (*ask)(int, sockaddr*, socklen_t*) noexcept) noexcept {
    unix_socket_address address;
    return ask(fd, address.get(), &address.size()) == 0 ? address.to_address()
                                                        : net::unix_address();
}

std::string unix_peer_name(int fd) {
    const net::unix_address peer = unix_address_of(fd, ::getpeername);
    if (!peer.is_unnamed()) return to_string(peer);
    const net::unix_address here = unix_address_of(fd, ::getsockname);
    return here.is_unnamed() ? "an unnamed Unix socket" : "a client of " + to_string(here);
}

}  // namespace detail
}  // namespace amphi
