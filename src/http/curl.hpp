// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>

#include <curl/curl.h>

namespace amphi::http::detail {

template <auto Free>
struct curl_deleter {
    template <class T>
    void operator()(T* owned) const noexcept {
        Free(owned);
    }
};

using curl_easy = std::unique_ptr<CURL, curl_deleter<curl_easy_cleanup>>;
using curl_multi = std::unique_ptr<CURLM, curl_deleter<curl_multi_cleanup>>;
using curl_list = std::unique_ptr<curl_slist, curl_deleter<curl_slist_free_all>>;
using curl_text = std::unique_ptr<char, curl_deleter<curl_free>>;
using curl_url_handle = std::unique_ptr<CURLU, curl_deleter<curl_url_cleanup>>;

/// Initialises libcurl once for the process; before every other use of it, `curl_url` excepted.
void start_curl();

/// A multi handle with what both lives want of it. `connections_max` idle and busy ones are kept.
/// Throws `std::bad_alloc`.
[[nodiscard]] curl_multi make_multi(long connections_max);

/// Throws `std::runtime_error` when libcurl refuses what it never should.
void check(CURLMcode code, const char* operation);

/// Adds a line to a list. Throws `std::bad_alloc`.
void append(curl_list& list, const char* line);

}  // namespace amphi::http::detail
