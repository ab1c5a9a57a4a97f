// SPDX-License-Identifier: BSL-1.0
#include "names.hpp"

#include <amphi/base/error.hpp>
#include <amphi/http/error.hpp>
#include <amphi/net/resolve.hpp>
#include <amphi/time/timeout.hpp>

#include "easy_options.hpp"
#include "name_cache.hpp"

#include <exception>
#include <string>
#include <system_error>
#include <vector>

namespace amphi::http::detail {

namespace {

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
            mine.failed(std::make_exception_ptr(fetch_error(
                failure::name_not_found,
                target.without_secrets(),
                "no address of " + target.host() + ": " + error.code().message()
            )));
        }
    }
}

}  // namespace

task<curl_list> addresses_of(const request& what, const url& target) {
    curl_list lines;
    if (target.has_address() || goes_through_proxy(target)) co_return lines;
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
