// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/assert.hpp>

#include <cstdio>
#include <cstdlib>

namespace amphi::detail {

void invariant_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "amphi: broken invariant: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace amphi::detail
