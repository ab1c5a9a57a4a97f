// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

namespace amphi {

namespace net {
class tcp_stream;
class unix_stream;
}  // namespace net

namespace detail {

class stream_socket;

/// What the streams of `net` share, for functions that work on any of them. A closed one throws.
class stream_access {
public:
    [[nodiscard]] AMPHI_EXPORT static stream_socket& of(const net::tcp_stream& stream);
    [[nodiscard]] AMPHI_EXPORT static stream_socket& of(const net::unix_stream& stream);
};

/// A connected stream of the system's.
template <class Stream>
concept socket_stream = requires(const Stream& stream) { stream_access::of(stream); };

/// A file that is open, as `fs::file` is.
template <class File>
concept has_descriptor = requires(const File& file) {
    { file.native_handle() } noexcept;
};

}  // namespace detail
}  // namespace amphi
