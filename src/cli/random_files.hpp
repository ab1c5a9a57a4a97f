// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "fetch/sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace amphi::cli {

/// A folder of its own below the system's temporary one, removed at the end with all that is in it.
class temporary_folder {
public:
    enum class afterwards : unsigned char { remove, keep };

    /// Throws `std::system_error`.
    explicit temporary_folder(afterwards what);
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
    afterwards afterwards_;
};

/// Files of random bytes, the same ones each time, and the SHA-256 of each.
class random_files {
public:
    /// In `folder`, which is there and empty.
    explicit random_files(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Writes `count` files of `size` bytes. Throws `std::system_error`, as on a full disk.
    void add(std::size_t count, std::size_t size);

    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
    [[nodiscard]] std::size_t count() const noexcept { return files_.size(); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] const std::string& name(std::size_t index) const { return files_[index].name; }

    /// Whether a file of this name in `copies` is there and has the right sum.
    [[nodiscard]] bool is_right(std::size_t index, const std::filesystem::path& copies) const;

private:
    class entry {
    public:
        std::string name;
        fetch::sha256_digest digest;
    };

    std::filesystem::path folder_;
    std::vector<entry> files_;
    std::uint64_t bytes_ = 0;
    std::mt19937_64
        random_;  // seeded with its default: the figures of two runs are of the same files
};

}  // namespace amphi::cli
