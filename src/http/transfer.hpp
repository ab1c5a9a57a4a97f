// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/worker_job.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/http/request.hpp>
#include <amphi/http/response.hpp>
#include <amphi/http/sink.hpp>
#include <amphi/http/url.hpp>
#include <amphi/task/waiter.hpp>

#include "curl.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>

namespace amphi::http::detail {

class carrier;

/// One request of one hop on its way: what libcurl calls back, and what came of it.
///
/// Who may touch it: the carrier's thread while it is running or stopping, the task while it is
/// paused, both under the lock what changes between them; the task alone once it is done. Then it
/// has no ties to the carrier.
class transfer final : public amphi::detail::worker_job, public amphi::detail::list_node<transfer> {
public:
    enum class state : std::uint8_t {
        running,   ///< by the task, at first and from paused
        paused,    ///< by the carrier, from running: the sink has refused a piece
        stopping,  ///< by the task, from running or paused: the carrier shall end it
        done       ///< by the carrier, last
    };

    /// Of the request's headers only those go along that are harmless, without `with_secrets`.
    transfer(const request& what, const url& target, bool with_secrets, sink& into);
    transfer(const transfer&) = delete;
    transfer& operator=(const transfer&) = delete;
    ~transfer();

    /// The carrier: gives an easy handle this request's settings.
    void configure(CURL* easy, const curl_slist* addresses);
    /// The carrier: it has begun.
    void begin(carrier& by, CURL* easy, long buffer_bytes) noexcept;
    [[nodiscard]] CURL* easy() const noexcept { return easy_; }
    [[nodiscard]] long buffer_bytes() const noexcept { return buffer_bytes_; }

    /// The carrier: it has left the multi handle.
    void end() noexcept { easy_ = nullptr; }

    /// The carrier: why it ends, before it leaves the multi handle.
    void finish(CURLcode code) noexcept;
    void finish_stalled() noexcept;

    [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_bytes_; }
    [[nodiscard]] const url& target() const noexcept { return target_; }

    /// Whether it would go with others over one connection, and the carrier: whether it does.
    [[nodiscard]] bool wants_to_share() const noexcept {
        return target_.is_secure() && what_.protocol() != version::http1;
    }
    [[nodiscard]] bool shares_connection() const noexcept { return shares_connection_; }
    void shares_connection(bool yes) noexcept { shares_connection_ = yes; }

    /// The carrier: when it counts as stalled, unless a byte comes before. `never` while paused,
    /// and until its request is about to be sent. Before that it connects, which has a limit of its
    /// own, or libcurl lets it wait for a connection that others use: those are silent for too long
    /// themselves some time, or make room.
    [[nodiscard]] time_point stalled_at() const noexcept;

    /// The carrier: it is paused or done; the task is told. Done, it may be gone afterwards.
    void settle(state now) noexcept;

    /// The task: goes on, or ends; nothing when it is done already.
    void ask(state wanted) noexcept;

    [[nodiscard]] state current() const noexcept;

    /// The task, for the operation that waits until it is paused or done.
    [[nodiscard]] bool is_settled() const noexcept;
    void publish(amphi::detail::ticket t) noexcept;
    void withdraw() noexcept;

    /// The task, once it is done.
    void throw_failure() const;
    [[nodiscard]] sink& into() const noexcept { return into_; }
    [[nodiscard]] bool is_redirect() const noexcept { return redirect_; }
    [[nodiscard]] response_head& head() noexcept { return head_; }
    /// Of this hop, when it has come to its end.
    [[nodiscard]] const phases& took() const noexcept { return took_; }

private:
    // libcurl's callbacks. C calls them, so no exception leaves them; what is thrown is kept.
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static int on_request(void* self, char*, char*, int, int);

    void run() noexcept override;

    void take_header(std::string_view line);
    void begin_body();
    [[nodiscard]] bool take_body(std::span<const std::byte> piece);

    const request& what_;
    const url& target_;
    bool shares_connection_ = false;
    sink& into_;
    const bool with_secrets_;

    carrier* carrier_ = nullptr;
    CURL* easy_ = nullptr;
    long buffer_bytes_ = 0;
    curl_list headers_;
    std::array<char, CURL_ERROR_SIZE> words_{};

    int status_ = 0;
    std::string fields_;
    response_head head_;
    bool head_is_complete_ = false;
    phases took_;
    bool redirect_ = false;
    bool dropping_ = false;  // nobody wants the body
    bool cut_ = false;       // and it is too long to read to its end
    std::uint64_t body_bytes_ = 0;
    time_point last_byte_ = never;  // received, or the first to send; never before
    std::exception_ptr error_;

    mutable amphi::detail::lock lock_;
    state state_ AMPHI_GUARDED_BY(lock_) = state::running;
    amphi::detail::ticket waiting_ AMPHI_GUARDED_BY(lock_);
};

}  // namespace amphi::http::detail
