// SPDX-License-Identifier: BSL-1.0
#include "names.hpp"

#include <amphi/base/error.hpp>
#include <amphi/http/error.hpp>
#include <amphi/net/resolve.hpp>
#include <amphi/time/timeout.hpp>

#include "easy_options.hpp"
#include "name_cache.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

#include <netdb.h>

namespace amphi::http::detail {

namespace {

// A thousand transfers to a host that does not exist ask once, the next try asks anew.
constexpr std::chrono::milliseconds absence_fresh_for{1000};
// Those who wait for the same answer share it; less than the pause before a retry.
constexpr std::chrono::milliseconds failure_fresh_for{100};

failure kind_of(const std::error_code& error) noexcept {
    if (error.category() != net::resolver_category()) return failure::local;
    return error.value() == EAI_AGAIN ? failure::name_lookup : failure::name_not_found;
}

std::string resolve_line(const url& target, const std::vector<net::endpoint>& found) {
    // The `+` lets libcurl forget it after a minute, as it does with what it has found itself.
    std::string line = "+" + target.host() + ":" + std::to_string(target.port());
    char separator = ':';
    for (const net::endpoint& e : found) {
        line += separator + (e.is_ipv6() ? "[" + e.address() + "]" : e.address());
        separator = ',';
    }
    return line;
}

task<std::string> look_up(const url& target) {
    name_cache::entry& entry = name_cache::shared().of(target.host(), target.port());
    for (;;) {
        name_cache::turn turn(entry);
        const bool ours = co_await turn;
        if (!ours) {
            if (const auto known = entry.known()) co_return *known;
            continue;
        }
        // Whatever ends this lookup, the next in line learns of it.
        name_cache::lookup mine(entry);
        try {
            const auto found = co_await net::resolve(target.host(), target.port());
            mine.found(resolve_line(target, found));
        } catch (const std::system_error& error) {
            const failure kind = kind_of(error.code());
            const fetch_error failed(
                kind,
                target.without_secrets(),
                "no address of " + target.host() + ": " + error.code().message()
            );
            mine.failed(
                std::make_exception_ptr(failed),
                kind == failure::name_not_found ? absence_fresh_for : failure_fresh_for
            );
        }
    }
}

}  // namespace

task<curl_list> addresses_of(const request& what, const url& target) {
    curl_list lines;
    if (target.has_address()) co_return lines;
    if (const std::string given = what.addresses_for(target.host(), target.port());
        !given.empty()) {
        const std::string line =
            "+" + target.host() + ":" + std::to_string(target.port()) + ":" + given;
        append(lines, line.c_str());
        co_return lines;
    }
    // The proxy asks for its address; should the host be among those of no_proxy, libcurl does.
    if (goes_through_proxy(what, target)) co_return lines;
    try {
        const std::string line = co_await timeout(what.connect_timeout(), look_up, target);
        append(lines, line.c_str());
    } catch (const timed_out& late) {
        // One from further out is not ours to explain.
        if (late.owner() != nullptr) throw;
        throw fetch_error(
            failure::connect_timeout,
            target.without_secrets(),
            "no address of " + target.host() + " in time"
        );
    }
    co_return lines;
}

}  // namespace amphi::http::detail
