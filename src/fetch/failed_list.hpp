// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/lock.hpp>

#include <string>
#include <string_view>

namespace amphi::fetch {

/// The list of what failed, in the form that a list to download has, so that it can be replayed.
/// URLs stand in it with their secrets: nobody but its owner may read it.
///
/// A file of that name is replaced by `finish`, and not before: it may be the very list that is
/// being read. What is no file, such as a pipe, is written to as it comes.
///
/// Threads: any. Errors: `std::system_error`, naming the path.
class failed_list {
public:
    explicit failed_list(const std::string& path);
    failed_list(const failed_list&) = delete;
    failed_list& operator=(const failed_list&) = delete;
    /// Not finished, it leaves what was there before.
    ~failed_list();

    /// A row of a list, without its line break.
    void add(std::string_view row);

    /// Whether `finish` puts it in the place of the file that `fd` reads.
    [[nodiscard]] bool replaces(int fd) const noexcept;

    void finish();

private:
    [[noreturn]] void fail(int error, const char* operation) const;

    const std::string path_;
    std::string written_path_;  // beside it; empty: written to at once
    amphi::detail::lock lock_;
    descriptor file_ AMPHI_GUARDED_BY(lock_);
};

}  // namespace amphi::fetch
