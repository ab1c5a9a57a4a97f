// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/http/url.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

#include "wanted_file.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace amphi::fetch {

class host_line;

/// One URL of the list.
struct queued_url {
    std::uint64_t number = 0;  ///< its place in the list, from 1
    wanted_file what;
    host_line* host = nullptr;  ///< by the queue
};

/// The URLs between the reader of the list and those who download: a window of the list, in which
/// each host has a line of its own. A host that has as many downloads as it may keeps its line
/// waiting and nobody else's: the other hosts' URLs overtake.
///
/// Threads: any. Several take, one puts.
class url_queue {
public:
    class put_operation;
    class take_operation;

    /// At most `per_host` of a host are taken and not done; zero: no limit. `window` URLs wait at
    /// most.
    url_queue(std::size_t per_host, std::size_t window);
    url_queue(const url_queue&) = delete;
    url_queue& operator=(const url_queue&) = delete;
    ~url_queue();

    /// Waits for room. Yields whether somebody more should take: there is one to take and nobody
    /// waits for it. Cancellation: the URL was not put.
    [[nodiscard("co_await it")]] put_operation put(queued_url one) noexcept;

    /// Waits for a URL whose host has room; nothing when the list has ended and no URL is left.
    [[nodiscard("co_await it")]] take_operation take() noexcept;

    /// What was taken is downloaded, or given up.
    void done(const queued_url& one) noexcept;

    /// Hands out no more of a host of which one is taken and not done, until as many releases.
    void hold(const http::url& host) noexcept;
    void release(const http::url& host) noexcept;

    /// The list has ended.
    void close() noexcept;

private:
    [[nodiscard]] bool has_room() const noexcept AMPHI_REQUIRES(lock_);
    void add(queued_url one) AMPHI_REQUIRES(lock_);
    [[nodiscard]] queued_url take_ready() AMPHI_REQUIRES(lock_);
    /// Keeps a line among the ready ones while one of it may be taken.
    void look_at(host_line& host) noexcept AMPHI_REQUIRES(lock_);
    /// Gives what there is to those who wait.
    void hand_out() AMPHI_REQUIRES(lock_);
    void accept(put_operation& putter) AMPHI_REQUIRES(lock_);

    const std::size_t per_host_;
    const std::size_t window_;

    amphi::detail::lock lock_;
    std::unordered_map<std::string, std::unique_ptr<host_line>> hosts_ AMPHI_GUARDED_BY(lock_);
    // Those of which one may be taken, in turn.
    amphi::detail::intrusive_list<host_line> ready_ AMPHI_GUARDED_BY(lock_);
    amphi::detail::intrusive_list<take_operation> takers_ AMPHI_GUARDED_BY(lock_);
    put_operation* putter_ AMPHI_GUARDED_BY(lock_) = nullptr;
    std::size_t waiting_ AMPHI_GUARDED_BY(lock_) = 0;
    bool closed_ AMPHI_GUARDED_BY(lock_) = false;
};

/// The URLs of one scheme, host and port.
class host_line : public amphi::detail::list_node<host_line> {
public:
    explicit host_line(std::string of) : key(std::move(of)) {}

    const std::string key;
    std::deque<queued_url> waiting;
    std::size_t running = 0;
    std::size_t holds = 0;
};

class url_queue::put_operation : public amphi::detail::operation<put_operation> {
public:
    put_operation(url_queue& queue, queued_url one) noexcept
        : queue_(queue)
        , one_(std::move(one)) {}

    [[nodiscard]] bool poll();
    void publish(amphi::detail::ticket t);
    void withdraw() noexcept;
    [[nodiscard]] bool result() const noexcept { return more_wanted_; }

private:
    friend class url_queue;
    url_queue& queue_;
    queued_url one_;
    amphi::detail::ticket parked_;
    bool more_wanted_ = false;
};

class url_queue::take_operation : public amphi::detail::operation<take_operation>,
                                  public amphi::detail::list_node<take_operation> {
public:
    explicit take_operation(url_queue& queue) noexcept : queue_(queue) {}

    [[nodiscard]] bool poll();
    void publish(amphi::detail::ticket t);
    void withdraw() noexcept;
    [[nodiscard]] std::optional<queued_url> result() noexcept { return std::move(taken_); }

private:
    friend class url_queue;

    url_queue& queue_;
    std::optional<queued_url> taken_;
    amphi::detail::ticket parked_;
};

}  // namespace amphi::fetch
