// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/net/stream_access.hpp>
#include <amphi/task/task.hpp>

#include <cstdint>

namespace amphi {

namespace detail {

[[nodiscard]] AMPHI_EXPORT task<std::uint64_t>
receive_file(stream_socket& from, int file, std::uint64_t offset, std::uint64_t count);
[[nodiscard]] AMPHI_EXPORT task<std::uint64_t> splice(stream_socket& from, stream_socket& to);

}  // namespace detail

namespace net {

/// Receives from a `tcp_stream` or `unix_stream` into a file, at most `count` bytes, to `offset`
/// and on, and yields how many: fewer when the stream ends before. They do not pass through this
/// process (splice(2), through a pipe of at most 256 KB). `file` is an `fs::file`, open for
/// writing; its own position stays, and on async its writes go to a plain thread. One that is open
/// for appending is appended to, whatever the offset.
///
/// Cancellation: what was received last may be lost.
/// Lifetime: the file stays open.
/// Errors: `std::system_error`; two descriptors more are in use meanwhile.
template <detail::socket_stream Stream, detail::has_descriptor File>
[[nodiscard]] task<std::uint64_t>
receive_file(Stream& from, const File& file, std::uint64_t offset, std::uint64_t count) {
    return detail::receive_file(
        detail::stream_access::of(from), file.native_handle(), offset, count
    );
}

/// Passes on what comes from one stream to another until the first ends, and yields how many bytes:
/// as `amphi::copy`, but they do not pass through this process. The end is not passed on.
///
/// Cancellation: what was received last may be lost.
/// Errors: as those of a read or a write; two descriptors more are in use meanwhile.
template <detail::socket_stream From, detail::socket_stream To>
[[nodiscard]] task<std::uint64_t> splice(From& from, To& to) {
    return detail::splice(detail::stream_access::of(from), detail::stream_access::of(to));
}

}  // namespace net
}  // namespace amphi
