// SPDX-License-Identifier: BSL-1.0
#include "failure.hpp"

#include <amphi/base/error.hpp>
#include <amphi/http/error.hpp>

#include "file_sink.hpp"
#include "host_paces.hpp"
#include "retry.hpp"

#include <cerrno>
#include <chrono>
#include <new>
#include <string>
#include <system_error>

namespace amphi::fetch {

namespace {

const char* hint_for(http::failure kind) noexcept {
    switch (kind) {
    case http::failure::bad_url:
        return "write it as https://host/path";
    case http::failure::name_not_found:
        return "check the host's name and your network";
    case http::failure::name_lookup:
        return "check your network, or try later";
    case http::failure::connect:
        return "check host and port, or try later";
    case http::failure::connect_timeout:
        return "check host and port, or use --connect-timeout";
    case http::failure::tls:
        return "check that the port speaks https; TLS 1.2 is the oldest that is taken";
    case http::failure::untrusted:
        return "name the certificate of its authority with --cacert; --insecure trusts anybody";
    case http::failure::certificate:
        return "check the URL's host and this machine's clock; --insecure trusts anybody";
    case http::failure::ca_file:
        return "give --cacert a file of PEM certificates";
    case http::failure::stalled:
        return "run it again to continue, or use --stall-timeout";
    case http::failure::connection_lost:
    case http::failure::short_body:
        return "run it again to continue";
    case http::failure::bad_response:
        return "ask who runs the server";
    case http::failure::redirect:
        return "see where it leads, and give that URL if you trust it";
    case http::failure::local:
        return "use a smaller -j";
    case http::failure::proxy:
        return "check --proxy, or the variables https_proxy, http_proxy and all_proxy";
    }
    return "";
}

}  // namespace

const char* hint_for(const std::error_code& code) noexcept {
    switch (code.value()) {
    case ENOSPC:
    case EDQUOT:
        return "make room, then run it again to continue";
    case EFBIG:
        return "raise the limit on file sizes (ulimit -f)";
    case EACCES:
    case EPERM:
    case EROFS:
        return "choose another folder with -o";
    case EMFILE:
    case ENFILE:
        return "raise the limit of descriptors (ulimit -n), or use a smaller -j";
    case ELOOP:
    case EEXIST:
    case EISDIR:
        return "move away what is in its place";
    case EBUSY:
        return "wait for the other download";
    case ENOENT:
    case ENOTDIR:
        return "make the folder, or choose another with -o";
    case ENAMETOOLONG:
        return "give it a shorter name with -O";
    case EPIPE:
        return "who reads it must read to its end";
    case EBADF:
        return "redirect it to a file or a program";
    case EAGAIN:
        return "raise the limit of threads (ulimit -u), or use --on async";
    default:
        return "check the disk, or choose another folder with -o";
    }
}

namespace {

const char* hint_for(int status) noexcept {
    switch (status) {
    case 401:
    case 403:
        return "it may need --netrc-file, --bearer, --basic or --cookies";
    case 404:
    case 410:
        return "check the URL";
    case 407:
        return "the proxy wants an authorization";
    case 416:
        return "run it again";
    default:
        return is_temporary(status) ? "try later, or with more --retries" : "check the URL";
    }
}

}  // namespace

void explain(outcome& failed, const std::exception_ptr& error) {
    failed.what = outcome::kind::failed;
    failed.temporary = false;
    try {
        std::rethrow_exception(error);
    } catch (const operation_cancelled&) {
        throw;
    } catch (const timed_out&) {
        throw;
    } catch (const http::fetch_error& e) {
        failed.cause = e.cause();
        failed.hint = hint_for(e.kind());
        failed.temporary = e.temporary();
    } catch (const wrong_size& e) {
        failed.cause = e.what();
        failed.hint = "check the list, or --max-size";
    } catch (const host_closed& e) {
        failed.cause = e.what();
        failed.hint = "run it again after that";
    } catch (const not_the_rest& e) {
        failed.cause = e.what();
        failed.hint = "run it again";
        failed.temporary = true;
    } catch (const std::system_error& e) {
        failed.cause = e.what();
        failed.hint = hint_for(e.code());
    } catch (const std::bad_alloc&) {
        failed.cause = "no memory is left";
        failed.hint = "use a smaller -j";
    } catch (const std::exception& e) {
        failed.cause = e.what();
        failed.hint = "run it again";
    }
}

void explain(outcome& failed, const http::response_head& answer) {
    failed.what = outcome::kind::failed;
    failed.cause = "the server answered " + std::to_string(answer.status());
    failed.hint = hint_for(answer.status());
    failed.temporary = is_temporary(answer.status());
    failed.too_many = is_too_many(answer.status());
    const auto pause = retry_after(answer, std::chrono::system_clock::now());
    failed.retry_after = pause.value_or(std::chrono::seconds::zero());
    if (pause && failed.retry_after.count() > 0)
        failed.cause += " and asks to wait " + std::to_string(pause->count()) + " s";
}

}  // namespace amphi::fetch
