// SPDX-License-Identifier: BSL-1.0
#include "response.hpp"

#include "content_type.hpp"
#include "http_date.hpp"
#include "range.hpp"
#include "target.hpp"
#include "validators.hpp"

#include <cerrno>
#include <ctime>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace amphi::serve {

namespace {

/// A response's head, field by field.
class head_text {
public:
    head_text(status code, bool keep_alive, std::time_t now) {
        text_.reserve(384);
        text_ += "HTTP/1.1 ";
        text_ += std::to_string(static_cast<unsigned>(code));
        text_ += ' ';
        text_ += reason(code);
        text_ += "\r\n";
        field("Date", http_date(now));
        field("Connection", keep_alive ? "keep-alive" : "close");
    }

    void field(std::string_view name, std::string_view value) {
        text_ += name;
        text_ += ": ";
        text_ += value;
        text_ += "\r\n";
    }
    void field(std::string_view name, std::uint64_t value) { field(name, std::to_string(value)); }

    [[nodiscard]] std::string take() {
        text_ += "\r\n";
        return std::move(text_);
    }

private:
    std::string text_;
};

/// An answer without a file: a line that says the status, for whoever looks at it by hand.
response plain(status code, bool keep_alive, bool with_body) {
    head_text head(code, keep_alive, std::time(nullptr));
    std::string body = std::to_string(static_cast<unsigned>(code)) + " ";
    body += reason(code);
    body += '\n';
    if (code == status::method_not_allowed) head.field("Allow", "GET, HEAD");
    if (code == status::unavailable) head.field("Retry-After", "1");
    head.field("Content-Type", "text/plain; charset=utf-8");
    head.field("Content-Length", body.size());
    std::string text = head.take();
    if (with_body) text += body;
    return {std::move(text), keep_alive};
}

status status_of(const std::error_code& error) noexcept {
    switch (error.value()) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return status::unavailable;
    case EIO:
        return status::internal_error;
    // What must not be seen is answered as what is not there.
    default:
        return status::not_found;
    }
}

void describe(head_text& head, const served_file& file) {
    head.field("ETag", file.etag());
    head.field("Last-Modified", http_date(file.modified()));
    head.field("Accept-Ranges", "bytes");
}

response
answer_with(const request& asked, served_file file, std::string_view path, std::time_t now) {
    if (is_not_modified(asked, file)) {
        head_text head(status::not_modified, asked.keep_alive, now);
        describe(head, file);
        return {head.take(), asked.keep_alive};
    }
    // RFC 9110, 14.2: a range is for GET alone.
    const bool is_partial = asked.verb == request::method::get && !asked.range.empty() &&
                            may_continue(asked.if_range, file, now);
    const range_request range =
        is_partial ? parse_range(asked.range, file.size()) : range_request::whole();
    const std::string file_size = std::to_string(file.size());
    if (range.what() == range_request::kind::unsatisfiable) {
        head_text head(status::range_not_satisfiable, asked.keep_alive, now);
        describe(head, file);
        head.field("Content-Range", "bytes */" + file_size);
        head.field("Content-Length", 0);
        return {head.take(), asked.keep_alive};
    }

    const bool is_part = range.what() == range_request::kind::part;
    const std::uint64_t first = is_part ? range.first() : 0;
    const std::uint64_t size = is_part ? range.size() : file.size();
    head_text head(is_part ? status::partial_content : status::ok, asked.keep_alive, now);
    describe(head, file);
    head.field("Content-Type", content_type_of(path));
    head.field("Content-Length", size);
    if (is_part) {
        head.field(
            "Content-Range",
            "bytes " + std::to_string(first) + "-" + std::to_string(first + size - 1) + "/" +
                file_size
        );
    }
    if (asked.verb == request::method::head) return {head.take(), asked.keep_alive};
    return {head.take(), asked.keep_alive, std::move(file), first, size};
}

}  // namespace

response::response(std::string text, bool keep_alive)
    : text_(std::move(text))
    , keep_alive_(keep_alive) {}

response::response(
    std::string text, bool keep_alive, served_file file, std::uint64_t first, std::uint64_t size
)
    : text_(std::move(text))
    , file_(std::move(file).take_file())
    , first_(first)
    , size_(size)
    , keep_alive_(keep_alive) {}

response answer(const request& asked, const folder& from) {
    const bool with_body = asked.verb == request::method::get;
    const std::optional<std::string> path = path_of_target(asked.target);
    if (!path) return plain(status::bad_request, asked.keep_alive, with_body);
    try {
        return answer_with(asked, from.open(*path), *path, std::time(nullptr));
    } catch (const std::system_error& error) {
        return plain(status_of(error.code()), asked.keep_alive, with_body);
    }
}

response refuse(status why) {
    return plain(why, false, true);
}

}  // namespace amphi::serve
