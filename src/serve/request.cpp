// SPDX-License-Identifier: BSL-1.0
#include "request.hpp"

#include <algorithm>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

namespace amphi::serve {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

/// The fields that must not come twice, since two readers could choose differently.
enum class once : std::uint8_t {
    host = 1,
    content_length = 2,
    transfer_encoding = 4,
    range = 8,
    if_range = 16,
};

std::string_view view_of(beast::string_view text) noexcept {
    return {text.data(), text.size()};
}

/// Beast's parser, which hands over the fields one by one and stores nothing.
class head_parser final : public http::basic_parser<true> {
public:
    /// After the whole head was put in without an error.
    [[nodiscard]] std::variant<request, status> result() noexcept {
        // Without the host a proxy in front may have meant another server.
        if (is_http_1_1_ && !has(once::host)) return status::bad_request;
        if (has(once::content_length) && has(once::transfer_encoding)) return status::bad_request;
        if (has_body_) return status::content_too_large;
        request_.keep_alive = keep_alive();
        return request_;
    }

    /// After an error.
    [[nodiscard]] status refusal() const noexcept { return refusal_; }

private:
    using error_code = beast::error_code;

    void refuse(status with, error_code& error) noexcept {
        refusal_ = with;
        error = http::error::bad_value;
    }

    [[nodiscard]] bool has(once field) const noexcept {
        return (seen_ & static_cast<std::uint8_t>(field)) != 0;
    }

    void take_once(once field, error_code& error) noexcept {
        if (has(field)) refuse(status::bad_request, error);
        seen_ = static_cast<std::uint8_t>(seen_ | static_cast<std::uint8_t>(field));
    }

    void on_request_impl(
        http::verb verb,
        beast::string_view,
        beast::string_view target,
        int version,
        error_code& error
    ) override {
        if (version != 10 && version != 11)
            refuse(status::version_not_supported, error);
        else if (verb == http::verb::unknown)
            refuse(status::not_implemented, error);
        else if (verb != http::verb::get && verb != http::verb::head)
            refuse(status::method_not_allowed, error);
        is_http_1_1_ = version == 11;
        request_.verb = verb == http::verb::head ? request::method::head : request::method::get;
        request_.target = view_of(target);
    }

    void on_field_impl(
        http::field name, beast::string_view, beast::string_view text, error_code& error
    ) override {
        const std::string_view value = view_of(text);
        switch (name) {
        case http::field::host:
            take_once(once::host, error);
            break;
        case http::field::content_length:
            take_once(once::content_length, error);
            // Beast takes a list of equal lengths too.
            if (value.find_first_not_of("0123456789") != std::string_view::npos)
                refuse(status::bad_request, error);
            if (value.find_first_not_of('0') != std::string_view::npos) has_body_ = true;
            break;
        case http::field::transfer_encoding:
            take_once(once::transfer_encoding, error);
            has_body_ = true;
            break;
        case http::field::range:
            take_once(once::range, error);
            request_.range = value;
            break;
        case http::field::if_range:
            take_once(once::if_range, error);
            request_.if_range = value;
            break;
        case http::field::if_none_match:
            request_.if_none_match = value;
            break;
        case http::field::if_modified_since:
            request_.if_modified_since = value;
            break;
        default:
            break;
        }
    }

    // A request without a body ends with its head, so what Beast would tell of a body, and of the
    // status line of a response, does not come.
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view body, error_code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, error_code&) override {
        return body.size();
    }
    void on_finish_impl(error_code&) override {}
    void on_response_impl(int, beast::string_view, int, error_code&) override {}

    request request_;
    status refusal_ = status::bad_request;
    std::uint8_t seen_ = 0;
    bool is_http_1_1_ = false;
    bool has_body_ = false;
};

}  // namespace

head_scan scan_head(std::string_view received, std::size_t scanned) noexcept {
    using state = head_scan::state;
    // What may be the beginning of an end is seen again, and not from inside of a pair.
    std::size_t at = scanned < 3 ? 0 : scanned - 3;
    if (at > 0 && received[at - 1] == '\r') --at;
    for (;;) {
        at = std::min(received.find_first_of(std::string_view("\r\n\0", 3), at), received.size());
        if (received.size() - at < 2) {
            const bool broken = at < received.size() && received[at] != '\r';
            return {broken ? state::malformed : state::incomplete, 0};
        }
        const std::string_view rest = received.substr(at);
        if (rest == "\r\n") return {state::incomplete, 0};
        if (rest.starts_with("\r\n\r\n")) return {state::complete, at + 4};
        if (!rest.starts_with("\r\n") || rest[2] == ' ' || rest[2] == '\t')
            return {state::malformed, 0};
        at += 2;
    }
}

std::variant<request, status> parse_request(std::string_view head) {
    head_parser parser;
    parser.header_limit(static_cast<std::uint32_t>(head.size()));
    beast::error_code error;
    parser.put(boost::asio::buffer(head.data(), head.size()), error);
    if (error == http::error::bad_version) return status::version_not_supported;
    if (error || !parser.is_header_done()) return parser.refusal();
    return parser.result();
}

}  // namespace amphi::serve
