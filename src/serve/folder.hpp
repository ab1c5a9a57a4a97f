// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>

namespace amphi::serve {

/// A regular file, open for reading, as it was when it was opened.
class served_file {
public:
    served_file(descriptor file, std::uint64_t size, std::timespec modified) noexcept;

    [[nodiscard]] descriptor take_file() && noexcept { return std::move(file_); }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] std::time_t modified() const noexcept { return modified_.tv_sec; }

    /// A strong validator, quoted: it changes whenever size or time of change do.
    [[nodiscard]] std::string etag() const;

private:
    descriptor file_;
    std::uint64_t size_;
    std::timespec modified_;
};

/// A folder whose files may be read, and nothing outside of it.
///
/// Threads: any. Lifetime: the folder stays open, so a rename of it is of no consequence.
class folder {
public:
    /// How a path is kept inside: by the kernel, which lets links that stay inside pass (openat2);
    /// or step by step, which follows no link at all. The kernel's way falls back to the other
    /// where a sandbox or an old kernel does not have it.
    enum class confinement : std::uint8_t { kernel, steps };

    /// Throws `std::system_error` when it cannot be opened.
    explicit folder(const std::string& path, confinement way = confinement::kernel);

    /// Opens a file by its path below the folder. Throws `std::system_error`: ENOENT also for what
    /// is no regular file.
    [[nodiscard]] served_file open(const std::string& path) const;

private:
    descriptor root_;
    confinement way_;
};

}  // namespace amphi::serve
