// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/operation.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace amphi::http::detail {

/// What is known of hosts. A name that a thousand transfers ask for at once is looked up once.
///
/// Threads: any. Lifetime: entries stay; a program talks to few hosts compared with its memory.
class name_cache {
public:
    class entry;
    class lookup;
    class turn;

    static name_cache& shared();

    [[nodiscard]] entry& of(const std::string& host, std::uint16_t port);

private:
    amphi::detail::lock lock_;
    std::map<std::pair<std::string, std::uint16_t>, entry> entries_ AMPHI_GUARDED_BY(lock_);
};

class name_cache::entry {
public:
    /// The addresses, while they are fresh; throws what went wrong while that is fresh.
    [[nodiscard]] std::optional<std::string> known() const;

private:
    friend class lookup;
    friend class turn;

    class in_line : public amphi::detail::list_node<in_line> {
    public:
        amphi::detail::ticket parked;
    };

    [[nodiscard]] bool is_fresh() const noexcept AMPHI_REQUIRES(lock_);
    void settle(std::string addresses, std::exception_ptr error, time_point fresh_until) noexcept;

    mutable amphi::detail::lock lock_;
    bool looking_ AMPHI_GUARDED_BY(lock_) = false;
    time_point fresh_until_ AMPHI_GUARDED_BY(lock_) = time_point::min();
    std::string addresses_ AMPHI_GUARDED_BY(lock_);
    std::exception_ptr error_ AMPHI_GUARDED_BY(lock_);
    amphi::detail::intrusive_list<in_line> waiting_ AMPHI_GUARDED_BY(lock_);
};

/// Waits until somebody's lookup has ended. True: the caller shall look up, none is under way.
class name_cache::turn : public amphi::detail::operation<turn> {
public:
    explicit turn(entry& of) noexcept : entry_(of) {}

    [[nodiscard]] bool poll() noexcept;
    void publish(amphi::detail::ticket t) noexcept;
    void withdraw() noexcept;
    [[nodiscard]] bool result() const noexcept { return ours_; }

private:
    entry& entry_;
    entry::in_line place_;
    bool ours_ = false;
};

/// The one lookup of an entry. Left without a result, by a cancel, it passes the turn on.
class name_cache::lookup {
public:
    explicit lookup(entry& of) noexcept : entry_(of) {}
    lookup(const lookup&) = delete;
    lookup& operator=(const lookup&) = delete;
    ~lookup();

    void found(std::string addresses) noexcept;
    /// `fresh_for`: how long nobody asks again.
    void failed(std::exception_ptr error, std::chrono::milliseconds fresh_for) noexcept;

private:
    entry& entry_;
    bool settled_ = false;
};

}  // namespace amphi::http::detail
