// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/http/url.hpp>

#include "manifest_entry.hpp"
#include "target_folder.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amphi::fetch {

/// What was downloaded to a folder by this run and those before it: a file of lines in that folder,
/// one a file, appended to before files have their names and made shorter at the beginning of a
/// run. A line counts while its file is there with its size; of two lines for a URL and a path the
/// later one does. Nothing is synced to the disk: what a crash tears off is ignored.
///
/// In memory an entry is 16 bytes: the lines stay in the file.
///
/// Several runs may have the same folder: each appends whole lines, and a run that is not alone
/// leaves the file as it is.
///
/// Threads: any, once it is made. Errors: `std::system_error`, naming the path.
class manifest {
public:
    static constexpr const char* file_name = ".amphi-manifest";

    /// Reads what there is. Throws also for what is no manifest of ours: a symbolic link, a pipe,
    /// somebody else's file.
    explicit manifest(const target_folder& folder);
    manifest(const manifest&) = delete;
    manifest& operator=(const manifest&) = delete;
    ~manifest() = default;

    /// What earlier runs knew of a URL's file at a path. Also nothing when the manifest cannot be
    /// read any more.
    [[nodiscard]] std::optional<manifest_entry>
    find(const http::url& from, std::string_view path) const;

    /// Remembers a file, for later runs.
    void add(const manifest_entry& entry);

    /// Which lines were damaged and are ignored, for people; empty: none.
    [[nodiscard]] std::string damage() const;

private:
    struct place {
        std::size_t hash;  // of key and path
        std::uint64_t offset;
    };

    [[nodiscard]] bool open(int more_flags) AMPHI_REQUIRES(lock_);
    [[nodiscard]] bool is_current() const AMPHI_REQUIRES(lock_);
    void read() AMPHI_REQUIRES(lock_);
    void read_line(std::string_view line, std::uint64_t offset);
    void keep_latest();
    void compact() AMPHI_REQUIRES(lock_);
    [[nodiscard]] bool copy_to(int fd, std::vector<place>& moved) const AMPHI_REQUIRES(lock_);
    [[nodiscard]] std::string line_at(int fd, std::uint64_t offset) const;
    [[noreturn]] void fail(int error, const char* operation) const;

    const target_folder& folder_;
    std::vector<place> places_;  // by hash; as it was at the beginning
    int read_fd_ = -1;           // file_'s, as it was at the beginning
    std::uint64_t lines_ = 0;
    std::uint64_t damaged_ = 0;
    std::uint64_t first_damaged_ = 0;

    amphi::detail::lock lock_;
    descriptor file_ AMPHI_GUARDED_BY(lock_);
    std::uint64_t size_ AMPHI_GUARDED_BY(lock_) = 0;     // when it was read
    bool line_is_open_ AMPHI_GUARDED_BY(lock_) = false;  // the last one lacks its line break
};

}  // namespace amphi::fetch
