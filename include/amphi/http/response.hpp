// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace amphi::http {

/// How long the parts of a fetch took; those of its last hop, after redirects. Zero is what did not
/// happen: a connection that is used again takes no time.
class phases {
public:
    using microseconds = std::chrono::microseconds;

    microseconds resolve{0};     ///< the host's name
    microseconds connect{0};     ///< TCP
    microseconds tls{0};         ///< the handshake
    microseconds first_byte{0};  ///< from the request to the first byte of its answer
    microseconds total{0};       ///< all of it, with redirects and whatever waited
};

/// Status line and header fields of an answer. The block is kept as it came: most of it is never
/// looked at.
class AMPHI_EXPORT response_head {
public:
    response_head() = default;
    response_head(int status, std::string fields) : status_(status), fields_(std::move(fields)) {}

    [[nodiscard]] int status() const noexcept { return status_; }

    /// The value of the first field of that name (in any case), without blanks around it; empty
    /// when there is none. Refers to this object.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept;

    /// `Content-Length`, when it is there and a number.
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;

    /// The fields, one a line of "Name: value\r\n".
    [[nodiscard]] const std::string& fields() const noexcept { return fields_; }

    /// Where the answer came from after redirects, without secrets.
    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    void came_from(std::string url) { url_ = std::move(url); }

    [[nodiscard]] const phases& took() const noexcept { return took_; }
    void took(const phases& times) noexcept { took_ = times; }

private:
    int status_ = 0;
    std::string fields_;
    std::string url_;
    phases took_;
};

/// An answer with its body in memory.
class response {
public:
    response() = default;
    response(response_head head, std::string body)
        : head_(std::move(head))
        , body_(std::move(body)) {}

    [[nodiscard]] const response_head& head() const noexcept { return head_; }
    [[nodiscard]] int status() const noexcept { return head_.status(); }
    [[nodiscard]] const std::string& body() const& noexcept { return body_; }
    [[nodiscard]] std::string body() && noexcept { return std::move(body_); }

private:
    response_head head_;
    std::string body_;
};

}  // namespace amphi::http

template <>
inline constexpr bool amphi::enable_sendable<amphi::http::response_head> = true;
template <>
inline constexpr bool amphi::enable_sendable<amphi::http::response> = true;
