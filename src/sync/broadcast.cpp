// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/broadcast.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace amphi {

receiver_lagged::receiver_lagged(std::uint64_t missed)
    : std::runtime_error(
          "a receiver of a broadcast has missed " + std::to_string(missed) +
          " values: receive faster, or broadcast with a larger capacity"
      )
    , missed_(missed) {}

receiver_lagged::~receiver_lagged() = default;

}  // namespace amphi
