// SPDX-License-Identifier: BSL-1.0
#include "transfer.hpp"

#include <amphi/base/assert.hpp>
#include <amphi/http/error.hpp>

#include "carrier.hpp"
#include "easy_options.hpp"
#include "framing.hpp"
#include "redirect.hpp"
#include "transfer_error.hpp"

#include <charconv>
#include <chrono>
#include <utility>

namespace amphi::http::detail {

namespace {

using amphi::detail::claim_result;
using amphi::detail::lock_guard;

// A head is kept in memory, whoever sends it.
constexpr std::size_t head_bytes_max = std::size_t{256} << 10;
// Reading the rest of an unwanted body costs less than a new connection, up to about here.
constexpr std::uint64_t dropped_bytes_max = std::uint64_t{64} << 10;

/// What libcurl counts from the beginning, part by part.
phases phases_of(CURL* easy) noexcept {
    const auto until = [easy](CURLINFO what) {
        curl_off_t time = 0;
        curl_easy_getinfo(easy, what, &time);
        return std::chrono::microseconds(time);
    };
    phases took;
    long connections = 0;
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
    const auto resolved = until(CURLINFO_NAMELOOKUP_TIME_T);
    const auto ready = until(CURLINFO_PRETRANSFER_TIME_T);
    took.resolve = resolved;
    if (connections != 0) {
        const auto connected = until(CURLINFO_CONNECT_TIME_T);
        const auto secured = until(CURLINFO_APPCONNECT_TIME_T);
        took.connect = connected - resolved;
        if (secured > connected) took.tls = secured - connected;
    }
    const auto first = until(CURLINFO_STARTTRANSFER_TIME_T);
    if (first > ready) took.first_byte = first - ready;
    return took;
}

}  // namespace

transfer::transfer(const request& what, const url& target, bool with_secrets, sink& into)
    : what_(what)
    , target_(target)
    , into_(into)
    , with_secrets_(with_secrets) {}

transfer::~transfer() {
    AMPHI_ASSERT(easy_ == nullptr);
}

void transfer::configure(CURL* easy, const curl_slist* addresses) {
    for (const std::string& line : what_.headers())
        if (with_secrets_ || is_harmless_header(line)) append(headers_, line.c_str());
    if (!what_.validator().empty()) append(headers_, ("If-Range: " + what_.validator()).c_str());
    // Another origin's ETag may be the same, and not its content.
    if (with_secrets_ && !what_.known_etag().empty())
        append(headers_, ("If-None-Match: " + what_.known_etag()).c_str());
    else if (with_secrets_ && !what_.known_date().empty())
        append(headers_, ("If-Modified-Since: " + what_.known_date()).c_str());
    set_options(easy, what_, target_);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(easy, CURLOPT_RESOLVE, addresses);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words_.data());
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
}

void transfer::begin(carrier& by, CURL* easy, long buffer_bytes) noexcept {
    carrier_ = &by;
    easy_ = easy;
    buffer_bytes_ = buffer_bytes;
}

void transfer::finish(CURLcode code) noexcept {
    took_ = phases_of(easy_);
    if (code == CURLE_OK || cut_ || error_) return;
    try {
        error_ = error_of(code, easy_, words_.data(), what_, target_, head_, body_bytes_);
    } catch (...) {
        error_ = std::current_exception();
    }
}

void transfer::finish_stalled() noexcept {
    try {
        error_ = stall_error(what_, target_);
    } catch (...) {
        error_ = std::current_exception();
    }
}

time_point transfer::stalled_at() const noexcept {
    const auto limit = what_.stall_timeout();
    if (limit == limit.zero() || current() == state::paused) return never;
    return saturating_add(last_byte_, limit);
}

void transfer::settle(state now) noexcept {
    amphi::detail::ticket to_wake;
    {
        const lock_guard guard(lock_);
        // A task that wants the end is not told of a pause.
        if (now == state::paused && state_ == state::stopping) return;
        state_ = now;
        if (now == state::done && carrier_ != nullptr) carrier_->forget(*this);
        if (waiting_ && waiting_.claim() == claim_result::must_wake) to_wake = waiting_;
        waiting_ = {};
    }
    if (to_wake) to_wake.wake();
}

void transfer::ask(state wanted) noexcept {
    const lock_guard guard(lock_);
    if (state_ == state::done) return;
    state_ = wanted;
    // Under the lock: once it is done nobody may call any more.
    carrier_->call(*this);
}

transfer::state transfer::current() const noexcept {
    const lock_guard guard(lock_);
    return state_;
}

bool transfer::is_settled() const noexcept {
    const state now = current();
    return now == state::paused || now == state::done;
}

void transfer::publish(amphi::detail::ticket t) noexcept {
    const lock_guard guard(lock_);
    if (state_ == state::paused || state_ == state::done)
        (void)t.claim();
    else
        waiting_ = t;
}

void transfer::withdraw() noexcept {
    const lock_guard guard(lock_);
    waiting_ = {};
}

void transfer::throw_failure() const {
    if (error_) std::rethrow_exception(error_);
}

void transfer::run() noexcept {
    carrier_->serve(*this);
}

std::size_t transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& me = *static_cast<transfer*>(self);
    try {
        me.take_header({data, size * count});
        return me.cut_ ? CURL_WRITEFUNC_ERROR : size * count;
    } catch (...) {
        me.error_ = std::current_exception();
        return CURL_WRITEFUNC_ERROR;
    }
}

std::size_t transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& me = *static_cast<transfer*>(self);
    try {
        const auto* const bytes = reinterpret_cast<const std::byte*>(data);
        if (!me.take_body({bytes, size * count})) return CURL_WRITEFUNC_PAUSE;
        return me.cut_ ? CURL_WRITEFUNC_ERROR : size * count;
    } catch (...) {
        me.error_ = std::current_exception();
        return CURL_WRITEFUNC_ERROR;
    }
}

int transfer::on_request(void* self, char*, char*, int, int) {
    auto& me = *static_cast<transfer*>(self);
    me.last_byte_ = clock::now();
    me.carrier_->may_stall(me);
    return CURL_PREREQFUNC_OK;
}

void transfer::take_header(std::string_view line) {
    last_byte_ = clock::now();
    if (head_is_complete_) return;  // A trailer.
    if (line.starts_with("HTTP/")) {
        // The answer's own head, or one more after "100 Continue" and its like.
        fields_.clear();
        status_ = 0;
        const std::size_t blank = line.find(' ');
        if (blank != std::string_view::npos)
            std::from_chars(line.data() + blank + 1, line.data() + line.size(), status_);
        return;
    }
    if (line != "\r\n" && line != "\n") {
        if (fields_.size() + line.size() > head_bytes_max)
            throw fetch_error(
                failure::bad_response,
                target_.without_secrets(),
                "the head of the answer is too long"
            );
        fields_ += line;
    } else if (status_ >= 200) {
        begin_body();
    }
}

void transfer::begin_body() {
    head_is_complete_ = true;
    carrier_->note_answer(*this);
    head_ = response_head(status_, std::move(fields_));
    head_.came_from(target_.without_secrets());
    if (!has_one_length(head_))
        throw fetch_error(
            failure::bad_response,
            target_.without_secrets(),
            "the answer's Content-Length is no length of a body"
        );
    redirect_ = what_.redirects_max() > 0 && http::detail::is_redirect(head_);
    dropping_ = redirect_ || into_.begin(head_) == sink::wish::no_body;
    cut_ = dropping_ && !what_.is_head_only() &&
           head_.content_length().value_or(0) > dropped_bytes_max;
}

bool transfer::take_body(std::span<const std::byte> piece) {
    last_byte_ = clock::now();
    if (!dropping_ && !into_.take(piece)) {
        carrier_->note_refusal(*this);
        return false;
    }
    body_bytes_ += piece.size();
    cut_ = dropping_ && body_bytes_ > dropped_bytes_max;
    return true;
}

}  // namespace amphi::http::detail
