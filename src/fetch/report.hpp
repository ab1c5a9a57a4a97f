// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/http/url.hpp>

#include "counter.hpp"
#include "download.hpp"
#include "outcome.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace amphi::fetch {

/// How a run is told about.
enum class report_style : std::uint8_t {
    people,  ///< failures, progress and a summary, on standard error
    quiet,   ///< failures alone
    json     ///< one object an event, on standard output
};

/// Says what happens: a line that is drawn anew on a terminal, a line each 10 s elsewhere, each
/// failure when it happens, and a summary. Whatever may come from elsewhere is made printable, and
/// URLs are shown without their secrets.
///
/// Threads: any.
class report final : public retry_listener {
public:
    /// Events of `json` go to `json_fd`.
    explicit report(report_style style, int json_fd);

    void starting(const http::url& from, const outcome& so_far) override;
    void retrying(const http::url& from, const outcome& failed, std::chrono::milliseconds pause)
        override;
    void ended(const http::url& from, const outcome& result);
    /// A line of the list that is no URL to download.
    void refused(
        std::uint64_t number, std::string_view text, std::string_view why, std::string_view hint
    );
    /// What is no URL's alone, with what to try, if anything.
    void note(std::string_view text, std::string_view hint = {});

    /// How often `show_progress` wants to be called; zero: never.
    [[nodiscard]] std::chrono::milliseconds progress_interval() const noexcept;
    void show_progress();

    /// The last words. `stopped_by`: the signal that ended the run before its end, or nothing.
    void summary(std::string_view stopped_by);

    /// Whether every URL so far is on disk, put there by this run or known to be from one before.
    [[nodiscard]] bool all_done() const noexcept;

    /// What has come so far, unfinished files included.
    counter received{0};

private:
    void write_line(std::string_view line) AMPHI_REQUIRES(lock_);
    void write_event(std::string event) AMPHI_REQUIRES(lock_);
    [[nodiscard]] std::string progress_text() const AMPHI_REQUIRES(lock_);

    const report_style style_;
    const int json_fd_;
    const bool terminal_;
    const time_point begin_;

    mutable amphi::detail::lock lock_;
    bool line_drawn_ AMPHI_GUARDED_BY(lock_) = false;
    std::uint64_t done_ AMPHI_GUARDED_BY(lock_) = 0;
    std::uint64_t unchanged_ AMPHI_GUARDED_BY(lock_) = 0;
    std::uint64_t exist_ AMPHI_GUARDED_BY(lock_) = 0;
    std::uint64_t failed_ AMPHI_GUARDED_BY(lock_) = 0;
    std::uint64_t bytes_ AMPHI_GUARDED_BY(lock_) = 0;
};

}  // namespace amphi::fetch
