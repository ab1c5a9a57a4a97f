// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/stream_access.hpp>

#include <amphi/net/tcp.hpp>
#include <amphi/net/unix.hpp>

#include "stream_socket.hpp"
#include "tcp_socket.hpp"
#include "unix_socket.hpp"

namespace amphi::detail {

stream_socket& stream_access::of(const net::tcp_stream& stream) {
    return stream.socket();
}

stream_socket& stream_access::of(const net::unix_stream& stream) {
    return stream.socket();
}

}  // namespace amphi::detail
