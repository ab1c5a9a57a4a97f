// SPDX-License-Identifier: BSL-1.0
#include "host_connections.hpp"

#include "transfer.hpp"

namespace amphi::http::detail {

namespace {

// So many requests at once are what servers allow on a connection, as a rule.
constexpr std::size_t streams_usual = 100;
constexpr std::size_t connections_min = 2;

std::string place_of(const url& target) {
    return target.host() + ":" + std::to_string(target.port());
}

}  // namespace

void host_connections::begin(transfer& t) {
    const bool shares = t.wants_to_share() && !serial_.contains(place_of(t.target()));
    ++(shares ? sharing_ : alone_);
    t.shares_connection(shares);
    adjust();
}

bool host_connections::answered(const transfer& t, CURL* easy) {
    long version = CURL_HTTP_VERSION_NONE;
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    if (version == CURL_HTTP_VERSION_NONE || version >= CURL_HTTP_VERSION_2_0) return false;
    serial_.insert(place_of(t.target()));
    was_wrong_ = true;
    const bool was_limited = limit_ != 0;
    adjust();
    return was_limited;
}

void host_connections::end(const transfer& t) noexcept {
    --(t.shares_connection() ? sharing_ : alone_);
    if (sharing_ == 0) was_wrong_ = false;
    adjust();
}

void host_connections::adjust() noexcept {
    const bool limited = alone_ == 0 && !was_wrong_;
    const long limit = limited ? static_cast<long>(connections_min + sharing_ / streams_usual) : 0;
    if (limit == limit_) return;
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, limit);
    limit_ = limit;
}

}  // namespace amphi::http::detail
