// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>

#include <cstdint>

namespace amphi::fetch {

/// A number that many tasks add to and somebody shows. relaxed in all uses: statistics only.
using counter = amphi::detail::atomic<std::uint64_t>;

}  // namespace amphi::fetch
