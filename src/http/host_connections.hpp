// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include <curl/curl.h>

namespace amphi::http::detail {

class transfer;

/// How many connections a multi handle may make to a host. Over HTTP/2 requests share a few; but of
/// a burst that finds no room on those there are, libcurl opens a connection for each. It knows
/// only one limit for all hosts, so that is set while every transfer may share, and lifted while
/// one may not: over HTTP/1.1 each needs a connection of its own.
///
/// Threads: the carrier's owner.
class host_connections {
public:
    explicit host_connections(CURLM* multi) noexcept : multi_(multi) {}

    /// Before a transfer is added.
    void begin(transfer& t);
    /// It was answered, by its easy handle, which is still there. True: the limit is lifted.
    [[nodiscard]] bool answered(const transfer& t, CURL* easy);
    /// It has been removed.
    void end(const transfer& t) noexcept;

private:
    void adjust() noexcept;

    CURLM* multi_;
    std::set<std::string> serial_;  // secure ones that speak no HTTP/2
    std::size_t sharing_ = 0;       // transfers under way that may share
    std::size_t alone_ = 0;         // and those that may not
    bool was_wrong_ = false;        // some of `sharing_` may not after all
    long limit_ = 0;                // none, as libcurl begins
};

}  // namespace amphi::http::detail
