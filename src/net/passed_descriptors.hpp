// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include <cstddef>
#include <span>
#include <vector>

#include <unistd.h>

namespace amphi::detail {

/// Sends bytes with descriptors. What was sent, or a negated errno. At most
/// `unix_stream::descriptors_max` of them, else EINVAL.
[[nodiscard]] ssize_t send_with_descriptors(
    int fd, std::span<const std::byte> from, std::span<const int> passed
) noexcept;

/// What one message has brought.
class descriptor_message {
public:
    /// Receives. The bytes, or a negated errno.
    [[nodiscard]] ssize_t receive(int fd, std::span<std::byte> into, std::size_t count_max);

    std::vector<descriptor> descriptors;  // close-on-exec
    /// EMSGSIZE when more than `count_max` came, EMFILE when this process has no room for them:
    /// then all were closed. Else zero.
    int error = 0;
};

}  // namespace amphi::detail
