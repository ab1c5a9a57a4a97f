// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/net/stream_access.hpp>
#include <amphi/task/task.hpp>

#include <cstdint>

namespace amphi {

namespace detail {

[[nodiscard]] AMPHI_EXPORT task<std::uint64_t>
send_file_some(stream_socket& to, int file, std::uint64_t offset, std::uint64_t count);
[[nodiscard]] AMPHI_EXPORT task<std::uint64_t>
send_file(stream_socket& to, int file, std::uint64_t offset, std::uint64_t count);

}  // namespace detail

namespace net {

/// Sends a part of a file over a `tcp_stream` or `unix_stream`, at most `count` bytes from
/// `offset`, without a copy in this process (sendfile(2)), and yields how many have been sent:
/// fewer when the file ends before, be it that it has shrunk meanwhile. `file` is an `fs::file`;
/// its own position stays.
///
/// The system sends from the file's own pages: what changes in the file before it has left changes
/// what arrives. What the page cache lacks is read on a plain thread, so that no worker waits for a
/// disk. Cancellation: a part from the front may have been sent; a read of the disk that is under
/// way ends first. Lifetime: the file stays open.
/// Errors: as those of a write, naming the peer; that nobody reads any more is EPIPE, no SIGPIPE.
template <detail::socket_stream Stream, detail::has_descriptor File>
[[nodiscard]] task<std::uint64_t>
send_file(Stream& to, const File& file, std::uint64_t offset, std::uint64_t count) {
    return detail::send_file(detail::stream_access::of(to), file.native_handle(), offset, count);
}

/// As `send_file`, but returns when the system has taken a part: at least one byte, unless the file
/// ends at `offset` or `count` is zero. Cancellation: nothing has been sent.
template <detail::socket_stream Stream, detail::has_descriptor File>
[[nodiscard]] task<std::uint64_t>
send_file_some(Stream& to, const File& file, std::uint64_t offset, std::uint64_t count) {
    return detail::send_file_some(
        detail::stream_access::of(to), file.native_handle(), offset, count
    );
}

}  // namespace net
}  // namespace amphi
