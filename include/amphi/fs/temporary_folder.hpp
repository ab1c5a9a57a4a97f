// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/fs/file.hpp>  // IWYU pragma: keep (a path may be sent)
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace amphi {

namespace fs {

/// A folder of one's own, which the owner alone may enter, removed with all that is in it when this
/// is destroyed. A program that crashes leaves it behind.
///
/// Threads: one at a time. Move-only, sendable.
/// Cancellation: seen before a call begins.
/// Lifetime: what a fork has copied removes nothing.
/// Errors: `std::system_error` by `make` and `remove`. The destructor has none: it removes what it
/// can, and blocks for that, on async too: `co_await remove()` does not.
class AMPHI_EXPORT temporary_folder {
public:
    /// In a folder, by default the one for temporary files; its name is the prefix and six letters
    /// and digits.
    [[nodiscard]] static task<temporary_folder>
    make(std::filesystem::path folder = {}, std::string prefix = "tmp-");

    temporary_folder(temporary_folder&& other) noexcept;
    temporary_folder& operator=(temporary_folder&& other) noexcept;
    ~temporary_folder();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const {
        return path_ / name;
    }

    /// With all that is in it; says how much that was. After a failure it may be called again.
    task<std::uintmax_t> remove();
    /// It will not be removed.
    void keep() noexcept { maker_ = 0; }

private:
    temporary_folder(std::filesystem::path path, int maker) noexcept
        : path_(std::move(path))
        , maker_(maker) {}

    void remove_now() noexcept;

    std::filesystem::path path_;
    int maker_;  // 0: nothing is to be removed
};

}  // namespace fs

template <>
inline constexpr bool enable_sendable<fs::temporary_folder> = true;

}  // namespace amphi
