// SPDX-License-Identifier: BSL-1.0
#include <amphi/tls/stream.hpp>

#include <amphi/net/connect.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>
#include <amphi/tls/context.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace amphi::detail {

task<tls::stream<net::tcp_stream>> tls_connect_function::operator()(
    std::string host, std::uint16_t port, tls::client_context how, net::connect_options connecting
) const {
    net::tcp_stream connected = co_await net::connect(host, port, connecting);
    co_return co_await (*this)(std::move(connected), std::move(host), std::move(how));
}

}  // namespace amphi::detail
