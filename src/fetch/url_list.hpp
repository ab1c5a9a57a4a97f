// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace amphi::fetch {

/// The list cannot be opened, or read any further.
class list_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;

    /// What to try.
    static constexpr const char* hint = "-i wants a file of URLs, one a line; -: standard input";
};

/// Reads a descriptor that somebody else opened, a pipe, a terminal or a file, in both lives and
/// without changing its flags, which other processes share: it reads only what is there already.
class input_stream {
public:
    explicit input_stream(int fd) noexcept : fd_(fd) {}

    [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);

private:
    int fd_;
};

/// The URLs of a run, one after the other: those of the command line, then those of a list as it
/// comes, one a line; empty lines and lines that begin with # are left out.
///
/// Threads: one at a time.
class url_list {
public:
    /// `file`: where the list is, `-` for standard input, empty for none. Throws `list_error`.
    url_list(std::vector<std::string> given, const std::string& file);

    /// The next one; nothing at the end. Throws `list_error`, also for what is no list of URLs.
    [[nodiscard]] task<std::optional<std::string>> next();

    /// The descriptor that the list is read from; -1: there is none.
    [[nodiscard]] int fd() const noexcept {
        if (!stream_) return -1;
        return file_ ? file_.get() : STDIN_FILENO;
    }

private:
    [[nodiscard]] task<std::optional<std::string>> next_line();

    static constexpr std::size_t line_bytes_max = std::size_t{64} << 10;

    std::deque<std::string> given_;
    descriptor file_;
    std::optional<input_stream> stream_;
    std::optional<lines<input_stream>> lines_;
};

}  // namespace amphi::fetch
