// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/task/task.hpp>

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace amphi::net {

/// The errors of getaddrinfo(3), with its words for them.
[[nodiscard]] AMPHI_EXPORT const std::error_category& resolver_category() noexcept;

/// The endpoints of a host, best first: a name as the system resolves it (/etc/hosts, DNS), or a
/// numeric address, which asks nobody. `[::1]` may stand in brackets.
///
/// getaddrinfo(3) blocks and cannot be stopped, so it runs on threads of its own, at most 16 at
/// once in the whole program; further lookups wait in line. Cancellation: the wait ends at once. A
/// lookup that is under way ends behind, one in line is dropped. Errors: `std::system_error`,
/// naming the host, with a code of `resolver_category`.
[[nodiscard]] AMPHI_EXPORT task<std::vector<endpoint>>
resolve(std::string host, std::uint16_t port);

}  // namespace amphi::net
