// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/environment.hpp>

#include <cstdlib>

namespace amphi::detail {

const char* environment(const char* name) noexcept {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a reader is safe; the contract forbids writers
    const char* const value = std::getenv(name);
    return value == nullptr || *value == '\0' ? nullptr : value;
}

}  // namespace amphi::detail
