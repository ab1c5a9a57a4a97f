// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/sendable.hpp>

#include <cstddef>
#include <utility>

namespace amphi {

namespace net {

/// What was received of a datagram, and who has sent it.
template <class Address>
class received_datagram {
public:
    /// None yet.
    received_datagram() = default;
    received_datagram(std::size_t room, std::size_t sent_size, Address from)
        : size_(sent_size < room ? sent_size : room)
        , sent_size_(sent_size)
        , from_(std::move(from)) {}

    /// How many bytes were put into the buffer. A datagram may be empty: zero is no end.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// How long it was when it was sent.
    [[nodiscard]] std::size_t sent_size() const noexcept { return sent_size_; }
    /// Whether the buffer was too short for it. The rest is lost.
    [[nodiscard]] bool truncated() const noexcept { return size_ < sent_size_; }
    [[nodiscard]] const Address& from() const noexcept { return from_; }

private:
    std::size_t size_ = 0;
    std::size_t sent_size_ = 0;
    Address from_;
};

}  // namespace net

template <class Address>
inline constexpr bool enable_sendable<net::received_datagram<Address>> = sendable<Address>;

}  // namespace amphi
