// SPDX-License-Identifier: BSL-1.0
#include "curl.hpp"

#include <new>
#include <stdexcept>
#include <string>

namespace amphi::http::detail {

namespace {

// Servers allow 100 to 128 streams a connection, as a rule. libcurl opens a further connection only
// when the server's own limit, which it learns, is met.
constexpr long streams_max = 1000;

}  // namespace

void start_curl() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK)
        throw std::runtime_error(std::string("start libcurl: ") + curl_easy_strerror(code));
}

curl_multi make_multi(long connections_max) {
    start_curl();
    curl_multi made(curl_multi_init());
    if (!made) throw std::bad_alloc();
    curl_multi_setopt(made.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(made.get(), CURLMOPT_MAX_CONCURRENT_STREAMS, streams_max);
    curl_multi_setopt(made.get(), CURLMOPT_MAXCONNECTS, connections_max);
    return made;
}

void check(CURLMcode code, const char* operation) {
    if (code != CURLM_OK)
        throw std::runtime_error(std::string(operation) + ": " + curl_multi_strerror(code));
}

void append(curl_list& list, const char* line) {
    curl_slist* const longer = curl_slist_append(list.get(), line);
    if (longer == nullptr) throw std::bad_alloc();
    (void)list.release();
    list.reset(longer);
}

}  // namespace amphi::http::detail
