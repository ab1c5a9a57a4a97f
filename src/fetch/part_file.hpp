// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include "target_folder.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace amphi::fetch {

/// What an unfinished download was a part of: the server's validator and the size of the whole, if
/// known.
class part_origin {
public:
    std::string validator;
    std::optional<std::uint64_t> total;
};

/// A download on its way to NAME: it is written to NAME.part, which becomes NAME when complete.
/// Until then NAME is not touched. An unfinished one stays, with its origin in NAME.part.from, a
/// file of its own: extended attributes are refused by too many file systems, and the content's own
/// bytes must stay what the server sent. Without that file, after a crash, nothing is continued.
///
/// No name is followed that is a symbolic link, and a NAME.part that somebody else made, or that is
/// a second name of some other file, is refused.
///
/// Threads: one at a time. Errors: `std::system_error`, naming the path.
/// Cost: every call is a system call on the spot, also on async: what it writes goes to the page
/// cache, which takes some microseconds for what one receive brings, less than the way to another
/// thread and back. A disk that cannot keep up holds its worker, and with it what it has received;
/// the kernel then slows the senders down.
class part_file {
public:
    /// `url`: what is continued must come from the same. It is kept as a hash only, for the secrets
    /// in it.
    part_file(const target_folder& folder, std::string name, std::string url);
    part_file(const part_file&) = delete;
    part_file& operator=(const part_file&) = delete;
    /// Unfinished, it keeps what it has for the next run.
    ~part_file();

    /// Opens what an earlier run has left of the same URL and yields where to go on; nothing when
    /// there is none that can be continued.
    [[nodiscard]] std::optional<std::uint64_t> find();
    /// What `find` found.
    [[nodiscard]] const part_origin& origin() const noexcept { return origin_; }

    /// Begins with the first byte, as content of this origin.
    void start(part_origin origin);

    void write(std::span<const std::byte> piece);
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Reads back what was there before, from the front.
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const;

    /// Throws what a network file system finds out only when a file is closed.
    void settle() const;

    /// Becomes NAME. False when there is a NAME already and it may not be replaced; then the part
    /// is gone.
    [[nodiscard]] bool commit(bool overwrite);
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Removes what was written.
    void discard() noexcept;

private:
    void open_existing();
    void create();
    void keep() noexcept;
    [[nodiscard]] bool write_origin() noexcept;
    /// Nothing when it is missing, damaged, or that of another URL.
    [[nodiscard]] std::optional<part_origin> read_origin() const;
    [[nodiscard]] std::string url_hash() const;
    [[noreturn]] void fail(int error, const char* operation) const;

    const target_folder& folder_;
    const std::string name_;
    const std::string part_name_;
    const std::string origin_name_;
    const std::string url_;
    descriptor fd_;
    part_origin origin_;
    std::uint64_t size_ = 0;
    bool origin_written_ = false;
};

}  // namespace amphi::fetch
