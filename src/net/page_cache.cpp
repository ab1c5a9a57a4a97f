// SPDX-License-Identifier: BSL-1.0
#include "page_cache.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

namespace amphi::detail {

namespace {

bool is_cached_at(int file, std::uint64_t offset) noexcept {
    std::byte looked_at{};
    const iovec into{&looked_at, 1};
    const ssize_t count = ::preadv2(file, &into, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    return count >= 0 || errno != EAGAIN;
}

}  // namespace

bool is_cached(int file, std::uint64_t offset, std::size_t size) noexcept {
    return size == 0 || (is_cached_at(file, offset) && is_cached_at(file, offset + size - 1));
}

void read_into_cache(int file, std::uint64_t offset, std::size_t size) noexcept {
    std::array<std::byte, std::size_t{16} * 1024> discarded;
    for (std::size_t done = 0; done < size;) {
        const std::size_t most = std::min(size - done, discarded.size());
        const ssize_t count =
            ::pread(file, discarded.data(), most, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        // What is wrong with it, who sends it is told.
        if (count <= 0) return;
        done += static_cast<std::size_t>(count);
    }
}

}  // namespace amphi::detail
