// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/scope.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/tls.hpp>

#include "support/certificate.hpp"
#include "support/tcp_pair.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

namespace amphi::testing {

constexpr long an_hour = 3600;
constexpr const char* this_machine = "DNS:localhost,IP:127.0.0.1";

/// A certificate and its key, in files.
class identity {
public:
    explicit identity(const certificate& shown) {
        shown.write_to(chain().string());
        shown.write_key_to(key().string());
    }
    explicit identity(const char* names = this_machine, long valid_for = an_hour)
        : identity(certificate(names, valid_for)) {}

    [[nodiscard]] std::filesystem::path chain() const { return folder_ / "chain.pem"; }
    [[nodiscard]] std::filesystem::path key() const { return folder_ / "key.pem"; }

    [[nodiscard]] tls::server_context server() const { return {chain(), key()}; }
    /// Trusts this one, and nobody else.
    [[nodiscard]] tls::client_context client() const {
        tls::client_context made;
        made.ca_file(chain());
        return made;
    }

private:
    temp_folder folder_;
};

/// How a handshake has gone for one side: a stream, or what went wrong.
template <class Carrier>
class side {
public:
    [[nodiscard]] tls::failure kind() const {
        EXPECT_TRUE(error) << "the handshake has succeeded, or failed otherwise: " << said;
        return error ? error->kind() : tls::failure::configuration;
    }

    std::optional<tls::stream<Carrier>> stream;
    std::optional<tls::tls_error> error;
    std::string said;  // what any error says
};

template <class Carrier>
class both_sides {
public:
    side<Carrier> client;
    side<Carrier> server;
};

}  // namespace amphi::testing

template <class Carrier>
inline constexpr bool amphi::enable_sendable<amphi::testing::side<Carrier>> = true;
template <class Carrier>
inline constexpr bool amphi::enable_sendable<amphi::testing::both_sides<Carrier>> = true;

namespace amphi::testing {

template <class Carrier>
task<side<Carrier>> accept_side(Carrier from, tls::server_context how) {
    side<Carrier> made;
    try {
        made.stream.emplace(co_await tls::accept(std::move(from), std::move(how)));
    } catch (const tls::tls_error& error) {
        made.error = error;
        made.said = error.what();
    } catch (const std::system_error& error) {
        made.said = error.what();
    }
    co_return made;
}

template <class Carrier>
task<side<Carrier>> connect_side(Carrier to, std::string host, tls::client_context how) {
    side<Carrier> made;
    try {
        made.stream.emplace(co_await tls::connect(std::move(to), std::move(host), std::move(how)));
    } catch (const tls::tls_error& error) {
        made.error = error;
        made.said = error.what();
    } catch (const std::system_error& error) {
        made.said = error.what();
    }
    co_return made;
}

template <class Carrier>
task<both_sides<Carrier>> handshake_over(
    Carrier client,
    Carrier server,
    tls::client_context from,
    tls::server_context to,
    std::string host
) {
    both_sides<Carrier> both;
    co_await scope(
        [](task_scope& jobs,
           Carrier& near,
           Carrier& far,
           tls::client_context& trust,
           tls::server_context& shown,
           std::string& name,
           both_sides<Carrier>& made) -> task<> {
            auto accepting =
                co_await jobs.spawn(accept_side<Carrier>, std::move(far), std::move(shown));
            made.client = co_await connect_side(std::move(near), name, trust);
            made.server = co_await accepting.join();
        },
        client,
        server,
        from,
        to,
        host,
        both
    );
    co_return both;
}

/// Over TCP on this machine.
inline task<both_sides<net::tcp_stream>>
handshake(tls::client_context from, tls::server_context to, std::string host = "localhost") {
    tcp_pair between = co_await connected_pair();
    co_return co_await handshake_over(
        std::move(between.client),
        std::move(between.server),
        std::move(from),
        std::move(to),
        std::move(host)
    );
}

/// The two ends of a connection.
class secure_pair {
public:
    secure_pair(tls::stream<> near, tls::stream<> far) noexcept
        : client(std::move(near))
        , server(std::move(far)) {}

    tls::stream<> client;
    tls::stream<> server;
};

inline task<secure_pair> secured(tls::client_context from, tls::server_context to) {
    both_sides<net::tcp_stream> both = co_await handshake(std::move(from), std::move(to));
    EXPECT_EQ(both.client.said + both.server.said, "");
    co_return secure_pair(std::move(*both.client.stream), std::move(*both.server.stream));
}

}  // namespace amphi::testing

template <>
inline constexpr bool amphi::enable_sendable<amphi::testing::secure_pair> = true;
