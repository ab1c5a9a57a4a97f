// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/io/watch.hpp>
#include <amphi/net/datagram.hpp>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

namespace amphi::detail {

// The calls of datagram sockets, for `transfer`. A `Socket` has `fail(error, text)`, which names
// what it is connected to, and `fail(error, text, Address)`; a `KernelAddress` is the address as
// the kernel takes it.

inline std::string sending(std::size_t size) {
    return "send " + std::to_string(size) + " bytes to";
}

template <class KernelAddress>
class datagram_sent {
public:
    static constexpr auto waits_for = direction::write;

    explicit datagram_sent(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}
    datagram_sent(std::span<const std::byte> bytes, const KernelAddress& to) noexcept
        : bytes_(bytes)
        , to_(to) {}

    [[nodiscard]] ssize_t now(int fd) const noexcept {
        const ssize_t count = ::sendto(
            fd,
            bytes_.data(),
            bytes_.size(),
            MSG_NOSIGNAL,
            to_ ? to_->get() : nullptr,
            to_ ? to_->size() : 0
        );
        return count >= 0 ? count : -errno;
    }
    template <class Socket>
    void result(const Socket&, ssize_t) const noexcept {}
    template <class Socket>
    [[noreturn]] void fail(const Socket& from, int error) const {
        if (to_) from.fail(error, sending(bytes_.size()), to_->to_address());
        from.fail(error, sending(bytes_.size()));
    }

private:
    std::span<const std::byte> bytes_;
    std::optional<KernelAddress> to_;
};

class datagram_received {
public:
    static constexpr auto waits_for = direction::read;

    explicit datagram_received(std::span<std::byte> into) noexcept : into_(into) {}

    [[nodiscard]] ssize_t now(int fd) const noexcept {
        const ssize_t count = ::recv(fd, into_.data(), into_.size(), 0);
        return count >= 0 ? count : -errno;
    }
    template <class Socket>
    [[nodiscard]] std::size_t result(const Socket&, ssize_t count) const noexcept {
        return static_cast<std::size_t>(count);
    }
    template <class Socket>
    [[noreturn]] void fail(const Socket& at, int error) const {
        at.fail(error, "receive from");
    }

private:
    std::span<std::byte> into_;
};

template <class Address, class KernelAddress>
class datagram_received_from {
public:
    static constexpr auto waits_for = direction::read;

    explicit datagram_received_from(std::span<std::byte> into) noexcept : into_(into) {}

    [[nodiscard]] ssize_t now(int fd) noexcept {
        from_ = KernelAddress();
        // MSG_TRUNC: says how long the datagram was, not how much has found room.
        const ssize_t count =
            ::recvfrom(fd, into_.data(), into_.size(), MSG_TRUNC, from_.get(), &from_.size());
        return count >= 0 ? count : -errno;
    }
    template <class Socket>
    [[nodiscard]] net::received_datagram<Address>
    result(const Socket&, ssize_t count) const noexcept {
        return {into_.size(), static_cast<std::size_t>(count), from_.to_address()};
    }
    template <class Socket>
    [[noreturn]] void fail(const Socket& at, int error) const {
        at.fail(error, "receive from");
    }

private:
    std::span<std::byte> into_;
    KernelAddress from_;
};

}  // namespace amphi::detail
