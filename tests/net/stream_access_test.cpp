// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/file.hpp>
#include <amphi/net/stream_access.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/net/udp.hpp>
#include <amphi/net/unix.hpp>

#include <cerrno>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

static_assert(socket_stream<net::tcp_stream> && socket_stream<net::unix_stream>);
static_assert(!socket_stream<net::udp_socket> && !socket_stream<fs::file>);
static_assert(has_descriptor<fs::file> && !has_descriptor<int>);

TEST(stream_access, knows_each_stream_by_its_socket_also_when_it_has_moved) {
    auto ends = net::unix_stream::pair();
    stream_socket* const before = &stream_access::of(ends.first);
    const net::unix_stream moved = std::move(ends.first);
    EXPECT_EQ(&stream_access::of(moved), before);
}

TEST(stream_access, has_nothing_of_a_closed_stream) {
    auto ends = net::unix_stream::pair();
    ends.first.close();
    try {
        (void)stream_access::of(ends.first);
        ADD_FAILURE() << "it has a socket";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), EBADF);
    }
}

}  // namespace
}  // namespace amphi::detail
