// SPDX-License-Identifier: BSL-1.0
#include "vectored.hpp"

#include <amphi/fs/file.hpp>

#include "blocking.hpp"

#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include <sys/types.h>
#include <sys/uio.h>

namespace amphi::detail {

namespace {

/// Walks over buffers: what is left of them, as the kernel takes it.
template <class Byte>
class buffer_cursor {
public:
    explicit buffer_cursor(std::span<const std::span<Byte>> buffers) noexcept : left_(buffers) {}

    /// The next ones, without those that are empty: a call that got none but those would seem to
    /// have met the end.
    [[nodiscard]] std::span<const iovec> next() noexcept {
        std::size_t count = 0;
        std::size_t skipped = taken_;
        for (std::size_t i = 0; i < left_.size() && count < parts_.size(); ++i) {
            const std::span<Byte> part = left_[i].subspan(skipped);
            skipped = 0;
            if (part.empty()) continue;
            // The kernel writes to those alone that were no constants.
            parts_[count++] = {
                const_cast<void*>(static_cast<const void*>(part.data())), part.size()
            };
        }
        return std::span(parts_).first(count);
    }

    void advance(std::size_t count) noexcept {
        taken_ += count;
        while (!left_.empty() && taken_ >= left_.front().size()) {
            taken_ -= left_.front().size();
            left_ = left_.subspan(1);
        }
    }

private:
    std::span<const std::span<Byte>> left_;
    std::size_t taken_ = 0;  // of the first one that is left
    std::array<iovec, IOV_MAX> parts_;
};

int length_of(std::span<const iovec> parts) noexcept {
    return static_cast<int>(parts.size());
}

}  // namespace

std::size_t read_vector(int fd, const std::filesystem::path& path, fs::buffers into) {
    buffer_cursor cursor(into);
    const std::span<const iovec> parts = cursor.next();
    const ssize_t count =
        uninterrupted([&] { return ::readv(fd, parts.data(), length_of(parts)); });
    if (count < 0) throw_file_error("read", path);
    return static_cast<std::size_t>(count);
}

std::size_t write_vector(int fd, const std::filesystem::path& path, fs::const_buffers from) {
    buffer_cursor cursor(from);
    const std::span<const iovec> parts = cursor.next();
    const ssize_t count =
        uninterrupted([&] { return ::writev(fd, parts.data(), length_of(parts)); });
    if (count < 0) throw_file_error("write", path);
    return static_cast<std::size_t>(count);
}

std::size_t
read_vector_at(int fd, const std::filesystem::path& path, std::uint64_t offset, fs::buffers into) {
    buffer_cursor cursor(into);
    std::size_t filled = 0;
    for (;;) {
        const std::span<const iovec> parts = cursor.next();
        if (parts.empty()) return filled;
        const ssize_t count = uninterrupted([&] {
            return ::preadv(fd, parts.data(), length_of(parts), static_cast<off_t>(offset));
        });
        if (count < 0) throw_file_error("read", path);
        if (count == 0) return filled;
        cursor.advance(static_cast<std::size_t>(count));
        filled += static_cast<std::size_t>(count);
        offset += static_cast<std::uint64_t>(count);
    }
}

void write_vector_at(
    int fd, const std::filesystem::path& path, std::uint64_t offset, fs::const_buffers from
) {
    buffer_cursor cursor(from);
    for (;;) {
        const std::span<const iovec> parts = cursor.next();
        if (parts.empty()) return;
        const ssize_t count = uninterrupted([&] {
            return ::pwritev(fd, parts.data(), length_of(parts), static_cast<off_t>(offset));
        });
        if (count == 0) errno = EIO;  // a driver that takes nothing would be asked for ever
        if (count <= 0) throw_file_error("write", path);
        cursor.advance(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

}  // namespace amphi::detail
