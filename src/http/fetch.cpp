// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/fetch.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/http/error.hpp>
#include <amphi/http/url.hpp>

#include "exchange.hpp"
#include "names.hpp"
#include "redirect.hpp"
#include "transfer.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace amphi::http {

namespace {

/// A body in memory, with a limit.
class memory_sink final : public sink {
public:
    memory_sink(std::string url, std::size_t bytes_max)
        : url_(std::move(url))
        , bytes_max_(bytes_max) {}

    wish begin(const response_head& head) override {
        check(head.content_length().value_or(0));
        return wish::body;
    }
    bool take(std::span<const std::byte> piece) override {
        check(body_.size() + piece.size());
        body_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return true;
    }
    [[nodiscard]] std::string body() && noexcept { return std::move(body_); }

private:
    void check(std::uint64_t bytes) const {
        if (bytes > bytes_max_)
            throw fetch_error(
                failure::bad_response,
                url_,
                "the body has more than the " + std::to_string(bytes_max_) + " bytes allowed"
            );
    }

    std::string url_;
    std::size_t bytes_max_;
    std::string body_;
};

}  // namespace

task<response_head> fetch(const request& what, sink& into) {
    using std::chrono::duration_cast;
    const time_point begin = clock::now();
    url target(what.url());
    bool with_secrets = true;
    for (unsigned hop = 0;; ++hop) {
        const time_point asked = clock::now();
        const detail::curl_list addresses = co_await detail::addresses_of(what, target);
        const duration resolved = clock::now() - asked;
        detail::transfer hop_transfer(what, target, with_secrets, into);
        co_await detail::exchange(hop_transfer, target, addresses.get());
        response_head head = std::move(hop_transfer.head());
        if (!hop_transfer.is_redirect()) {
            phases took = hop_transfer.took();
            took.resolve += duration_cast<phases::microseconds>(resolved);
            took.total = duration_cast<phases::microseconds>(clock::now() - begin);
            head.took(took);
            co_return head;
        }
        if (hop == what.redirects_max())
            throw fetch_error(
                failure::redirect,
                without_secrets(what.url()),
                "more than " + std::to_string(what.redirects_max()) + " redirects"
            );
        url next = detail::redirect_target(target, head);
        with_secrets = with_secrets && next.same_origin(target);
        target = std::move(next);
    }
}

task<response> get(const request& what, std::size_t bytes_max) {
    memory_sink memory(without_secrets(what.url()), bytes_max);
    response_head head = co_await fetch(what, memory);
    co_return response(std::move(head), std::move(memory).body());
}

}  // namespace amphi::http
