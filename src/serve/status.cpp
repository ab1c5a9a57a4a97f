// SPDX-License-Identifier: BSL-1.0
#include "status.hpp"

namespace amphi::serve {

std::string_view reason(status code) noexcept {
    switch (code) {
    case status::ok:
        return "OK";
    case status::partial_content:
        return "Partial Content";
    case status::not_modified:
        return "Not Modified";
    case status::bad_request:
        return "Bad Request";
    case status::not_found:
        return "Not Found";
    case status::method_not_allowed:
        return "Method Not Allowed";
    case status::request_timeout:
        return "Request Timeout";
    case status::content_too_large:
        return "Content Too Large";
    case status::range_not_satisfiable:
        return "Range Not Satisfiable";
    case status::header_too_large:
        return "Request Header Fields Too Large";
    case status::internal_error:
        return "Internal Server Error";
    case status::not_implemented:
        return "Not Implemented";
    case status::unavailable:
        return "Service Unavailable";
    case status::version_not_supported:
        return "HTTP Version Not Supported";
    }
    return "";
}

}  // namespace amphi::serve
