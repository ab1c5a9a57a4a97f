// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/descriptor.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace amphi::fetch {

/// A folder that downloads go to, held open: what is made in it is made there, whatever happens to
/// its path meanwhile.
class target_folder {
public:
    /// Throws `std::system_error` when it is none, or cannot be written to.
    explicit target_folder(const std::string& path);

    enum class missing : bool { nothing, made };

    /// The folder at a path below this one, each part of which is a folder and no symbolic link.
    /// Where one is missing it is made, or the answer is nothing. Throws `std::system_error`.
    [[nodiscard]] std::optional<target_folder> below(std::string_view path, missing parts) const;

    target_folder(target_folder&& other) noexcept
        : path_(std::move(other.path_))
        , fd_(std::move(other.fd_))
        , hashes_(std::move(other.hashes_))
        , is_crowded_(other.is_crowded_) {}

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string path_of(const std::string& name) const;
    [[nodiscard]] bool has(const std::string& name) const noexcept;

    /// As `has`, also for what another process has made meanwhile.
    [[nodiscard]] bool has_now(const std::string& name) const noexcept;

    /// The size of the file of that name; nothing when it is none.
    [[nodiscard]] std::optional<std::uint64_t> size_of(const std::string& name) const noexcept;

    /// Opens it for reading; no symbolic link is followed. Throws `std::system_error`.
    [[nodiscard]] descriptor open(const std::string& name) const;

    /// Whether a name is worth a look: false when it was not there at the beginning and nothing
    /// unfinished was left here since. Another process may have made it meanwhile: who makes a file
    /// finds out.
    [[nodiscard]] bool may_have(const std::string& name) const noexcept;
    /// An unfinished download stays here.
    void note_unfinished() const noexcept {
        has_unfinished_.store(true, std::memory_order_relaxed);
    }

private:
    target_folder(std::string path, descriptor fd) noexcept
        : path_(std::move(path))
        , fd_(std::move(fd))
        , is_crowded_(true) {}

    /// Of a crowded folder nothing is remembered.
    void remember_names();

    std::string path_;
    descriptor fd_;
    std::vector<std::size_t> hashes_;  // of the names that were there, sorted
    bool is_crowded_ = false;
    // relaxed: a name is tried again by the task that left it.
    mutable detail::atomic<bool> has_unfinished_{false};
};

}  // namespace amphi::fetch
