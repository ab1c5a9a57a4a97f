// SPDX-License-Identifier: BSL-1.0
#include "downloader.hpp"

#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/http/error.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/time/timeout.hpp>

#include "claimed_names.hpp"
#include "download.hpp"
#include "file_name.hpp"
#include "list_row.hpp"
#include "run_records.hpp"
#include "url_queue.hpp"
#include "wanted_file.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace amphi::fetch {

namespace {

// URLs that are read ahead, so that one busy host does not hide the others behind it.
constexpr std::size_t window = 1024;

/// What the tasks of a run share.
class run_state {
public:
    run_state(
        const target_folder& into, const settings& s, report& r, interrupt& i, failed_list* failed
    )
        : folder(into)
        , how(s)
        , told(r)
        , signals(i)
        , queue(s.per_host, window)
        , site(into, s, r.received, r)
        , records(into, s, r, failed) {
        site.queue = &queue;
        site.known = records.known();
        site.recorder = &records;
    }

    const target_folder& folder;
    const settings& how;
    report& told;
    interrupt& signals;
    url_queue queue;
    download_site site;
    run_records records;
    task_scope* everything = nullptr;  ///< what a signal stops
    // relaxed: read when all have ended.
    detail::atomic<bool> list_is_whole{true};
};

/// A reference as an argument of a spawned task: to what `download_all` keeps until all have ended.
template <class T>
class shared {
public:
    explicit shared(T& to) noexcept : to_(&to) {}
    T* operator->() const noexcept { return to_; }
    T& operator*() const noexcept { return *to_; }

private:
    T* to_;
};

using shared_run = shared<run_state>;
using shared_list = shared<url_list>;

}  // namespace

}  // namespace amphi::fetch

template <>
inline constexpr bool amphi::enable_sendable<amphi::fetch::shared_run> = true;
template <>
inline constexpr bool amphi::enable_sendable<amphi::fetch::shared_list> = true;

namespace amphi::fetch {

namespace {

/// One of the tasks that download.
task<> take_and_download(shared_run run) {
    for (;;) {
        auto take = run->queue.take();
        const std::optional<queued_url> one = co_await take;
        if (!one) co_return;
        const auto how = run->how.to_output ? print : download;
        const outcome result = co_await how(one->what, run->site);
        run->records.keep(one->what, result);
        run->told.ended(one->what.from, result);
        run->queue.done(*one);
    }
}

task<> wait_for_signal(int fd) {
    auto signalled = readable(fd);
    co_await signalled;
}

/// Waits for a signal, but not longer than `length`; zero: for ever.
task<bool> signal_within(std::chrono::milliseconds length, int fd) {
    if (length.count() == 0) {
        co_await wait_for_signal(fd);
        co_return true;
    }
    try {
        co_await timeout(length, wait_for_signal, fd);
    } catch (const timed_out& late) {
        if (late.owner() != nullptr) throw;  // Not ours.
        co_return false;
    }
    co_return true;
}

/// Until the progress is shown next, or all has to end; zero: for ever.
std::chrono::milliseconds until_next(const run_state& run, time_point last) {
    const std::chrono::milliseconds interval = run.told.progress_interval();
    if (last == never) return interval;
    const auto left = std::max(
        std::chrono::ceil<std::chrono::milliseconds>(last - clock::now()),
        std::chrono::milliseconds(1)
    );
    return interval.count() == 0 ? left : std::min(interval, left);
}

/// Shows the progress, heeds signals and the deadline, until it is stopped.
task<> attend(shared_run run) {
    const std::chrono::milliseconds limit = run->how.deadline;
    const time_point last = limit.count() == 0 ? never : saturating_add(clock::now(), limit);
    for (;;) {
        const bool signalled = co_await signal_within(until_next(*run, last), run->signals.fd());
        if (signalled) {
            run->signals.take();
            break;
        }
        if (clock::now() >= last) {
            run->list_is_whole.store(false, std::memory_order_relaxed);
            run->told.note("the deadline has come", "run it again to continue where it was");
            break;
        }
        if (run->told.progress_interval().count() != 0) run->told.show_progress();
    }
    run->everything->request_stop();
}

/// What a line of the list asks for; nothing when it was refused, or is not among what is accepted.
std::optional<queued_url>
prepare(run_state& run, claimed_names& names, std::uint64_t number, const std::string& text) {
    std::string shown = text;
    const char* hint = "a row is a URL; URL, path, size and SHA-256 with tabs between; or JSON";
    try {
        const list_row row = parse_row(text, run.how.format);
        shown = row.url;
        hint = row.path.empty() ? "download it with -O to a name of yours"
                                : "give it another path in the list";
        wanted_file what = wanted_by(run.how, row);
        if (!is_accepted(run.how, what.name)) return std::nullopt;
        const auto before = run.how.name.empty()
                                ? names.claim(what.name, row.url, what.has_own_name)
                                : std::nullopt;
        if (!before) return queued_url{number, std::move(what), nullptr};
        // The same once more is one download.
        if (http::url(*before).text() == what.from.text()) return std::nullopt;
        run.told.refused(
            number,
            shown,
            "its file name \"" + what.name + "\" is taken by " + http::without_secrets(*before),
            "download it with -O to another name, or all with --tree"
        );
    } catch (const http::fetch_error& error) {
        run.told.refused(number, shown, error.cause(), "one URL a line: https://host/path");
    } catch (const std::invalid_argument& error) {
        run.told.refused(number, shown, error.what(), hint);
    }
    run.records.refused(text);
    return std::nullopt;
}

/// The next line of the list. What it cannot be read beyond ends it, and no download.
task<std::optional<std::string>> next_line(run_state& run, url_list& from) {
    try {
        co_return co_await from.next();
    } catch (const list_error& error) {
        run.told.note(error.what(), list_error::hint);
        run.list_is_whole.store(false, std::memory_order_relaxed);
    }
    co_return std::nullopt;
}

/// Reads the list to its end and starts those who download.
task<> read_list(task_scope& jobs, run_state& run, url_list& from) {
    claimed_names names(run.how.tree ? tree_name_of : file_name_of);
    std::size_t started = 0;
    std::size_t jobs_max = run.how.jobs;
    for (std::uint64_t number = 1;; ++number) {
        const std::optional<std::string> text = co_await next_line(run, from);
        if (!text) {
            if (number == 1 && run.list_is_whole.load(std::memory_order_relaxed))
                run.told.note("the list names no URL");
            break;
        }
        std::optional<queued_url> one = prepare(run, names, number, *text);
        if (!one) continue;
        auto put = run.queue.put(std::move(*one));
        const bool more_wanted = co_await put;
        if (!more_wanted || started == jobs_max) continue;
        try {
            auto spawned = jobs.spawn(take_and_download, shared_run(run));
            (void)co_await spawned;
            ++started;
        } catch (const std::system_error& error) {
            // Fewer at once than wished for; without any there is nobody to do it.
            if (started == 0) throw;
            jobs_max = started;
            run.told.note(
                "no more than " + std::to_string(started) + " downloads at once: " + error.what()
            );
        }
    }
    run.queue.close();
}

task<> attended(task_scope& everything, run_state& run, url_list& from) {
    run.everything = &everything;
    auto spawned = everything.spawn(attend, shared_run(run));
    join_handle<> attendant = co_await spawned;
    co_await scope(read_list, run, from);
    attendant.request_stop();
}

task<> run_in_scope(shared_run run, shared_list from) {
    co_await scope(attended, *run, *from);
}

}  // namespace

bool download_all(
    executor where,
    url_list& from,
    const target_folder& into,
    const settings& how,
    report& told,
    interrupt& signals,
    failed_list* failed
) {
    run_state state(into, how, told, signals, failed);
    run(where, run_in_scope, shared_run(state), shared_list(from));
    return state.list_is_whole.load(std::memory_order_relaxed);
}

}  // namespace amphi::fetch
