// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include "amounts.hpp"
#include "json_object.hpp"
#include "printable.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

using amphi::detail::lock_guard;

/// All of it in one go, as far as the kernel lets us: lines of several processes do not mix. What
/// nobody reads any more is lost.
void write_whole(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count > 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            pollfd writable{fd, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            return;
        }
    }
}

std::size_t terminal_columns() noexcept {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

std::string files(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " file" : " files");
}

std::string shown_url(const http::url& from) {
    return printable(from.without_secrets());
}

std::string with_hint(std::string line, std::string_view hint) {
    if (!hint.empty()) line += " (" + printable(hint) + ")";
    return line;
}

std::chrono::milliseconds since(time_point begin) {
    return std::chrono::round<std::chrono::milliseconds>(clock::now() - begin);
}

void add_answer(json_object& to, const outcome& result) {
    const auto add = [&to](std::string_view name, std::chrono::microseconds length) {
        to.add(name, static_cast<std::uint64_t>(std::max<std::int64_t>(length.count(), 0)));
    };
    to.add("status", static_cast<std::uint64_t>(result.status));
    add("resolve_us", result.phases.resolve);
    add("connect_us", result.phases.connect);
    add("tls_us", result.phases.tls);
    add("first_byte_us", result.phases.first_byte);
    add("total_us", result.phases.total);
}

}  // namespace

report::report(report_style style, int json_fd)
    : style_(style)
    , json_fd_(json_fd)
    , terminal_(style == report_style::people && ::isatty(STDERR_FILENO) == 1)
    , begin_(clock::now()) {}

void report::write_line(std::string_view line) {
    std::string text = line_drawn_ ? "\r\x1b[K" : "";
    line_drawn_ = false;
    text += line;
    text += '\n';
    write_whole(STDERR_FILENO, text);
}

void report::write_event(std::string event) {
    event += '\n';
    write_whole(json_fd_, event);
}

void report::starting(const http::url& from, const outcome& so_far) {
    if (style_ != report_style::json) return;
    json_object event;
    event.add("event", "start").add("url", from.without_secrets());
    event.add("file", so_far.file).add("attempt", so_far.attempts);
    const lock_guard guard(lock_);
    write_event(event.text());
}

void report::retrying(
    const http::url& from, const outcome& failed, std::chrono::milliseconds pause
) {
    const lock_guard guard(lock_);
    if (style_ == report_style::json)
        write_event(json_object()
                        .add("event", "retry")
                        .add("url", from.without_secrets())
                        .add("cause", failed.cause)
                        .add("attempt", failed.attempts)
                        .add("pause_ms", static_cast<std::uint64_t>(pause.count()))
                        .text());
}

void report::ended(const http::url& from, const outcome& result) {
    const lock_guard guard(lock_);
    switch (result.what) {
    case outcome::kind::done:
        ++done_;
        break;
    case outcome::kind::unchanged:
        ++unchanged_;
        break;
    case outcome::kind::exists:
        ++exist_;
        break;
    case outcome::kind::failed:
        ++failed_;
        break;
    }
    bytes_ += result.bytes;
    if (style_ == report_style::json) {
        json_object event;
        event.add("event", name_of(result.what)).add("url", from.without_secrets());
        event.add("file", result.file).add("attempts", result.attempts);
        event.add("ms", static_cast<std::uint64_t>(result.took.count()));
        if (result.status != 0) add_answer(event, result);
        if (result.what == outcome::kind::done) event.add("bytes", result.bytes);
        if (result.sha256) event.add("sha256", to_hex(*result.sha256));
        if (result.what == outcome::kind::failed)
            event.add("cause", result.cause).add("hint", result.hint);
        write_event(event.text());
    } else if (result.what == outcome::kind::failed) {
        std::string line = "amphi: " + shown_url(from) + ": " + printable(result.cause);
        if (result.attempts > 1) line += ", " + std::to_string(result.attempts) + " attempts";
        write_line(with_hint(std::move(line), result.hint));
    } else if (result.what == outcome::kind::exists) {
        write_line(
            "amphi: " + shown_url(from) + ": " + printable(result.file) +
            " exists (use --overwrite to replace it)"
        );
    }
}

void report::refused(
    std::uint64_t number, std::string_view text, std::string_view why, std::string_view hint
) {
    const lock_guard guard(lock_);
    ++failed_;
    const std::string shown = http::without_secrets(text);
    if (style_ == report_style::json)
        write_event(json_object()
                        .add("event", "failed")
                        .add("number", number)
                        .add("url", shown)
                        .add("cause", why)
                        .add("hint", hint)
                        .text());
    else
        write_line(with_hint(
            "amphi: URL " + std::to_string(number) + ", " + printable(shown) + ": " +
                printable(why),
            hint
        ));
}

void report::note(std::string_view text, std::string_view hint) {
    const lock_guard guard(lock_);
    if (style_ == report_style::json) {
        json_object event;
        event.add("event", "note").add("text", text);
        if (!hint.empty()) event.add("hint", hint);
        write_event(event.text());
    } else {
        write_line(with_hint("amphi: " + printable(text), hint));
    }
}

std::chrono::milliseconds report::progress_interval() const noexcept {
    using std::chrono::seconds;
    if (style_ != report_style::people) return std::chrono::milliseconds(0);
    return terminal_ ? std::chrono::milliseconds(500) : seconds(10);
}

std::string report::progress_text() const {
    const auto elapsed = since(begin_);
    const std::uint64_t bytes = received.load(std::memory_order_relaxed);
    const auto milliseconds = static_cast<std::uint64_t>(elapsed.count()) + 1;
    std::string text = files(done_) + ", " + in_bytes(bytes) + ", " +
                       in_bytes(bytes * 1000 / milliseconds) + "/s, " + in_time_units(elapsed);
    if (unchanged_ != 0) text += ", " + std::to_string(unchanged_) + " unchanged";
    if (exist_ != 0) text += ", " + std::to_string(exist_) + " existed";
    if (failed_ != 0) text += ", " + std::to_string(failed_) + " failed";
    return text;
}

void report::show_progress() {
    const lock_guard guard(lock_);
    const std::string text = progress_text();
    if (!terminal_) {
        write_line(text);
        return;
    }
    // One column is left free: a full line would wrap.
    write_whole(STDERR_FILENO, "\r\x1b[K" + text.substr(0, terminal_columns() - 1));
    line_drawn_ = true;
}

void report::summary(std::string_view stopped_by) {
    const lock_guard guard(lock_);
    if (style_ == report_style::json) {
        json_object event;
        event.add("event", "summary").add("done", done_);
        event.add("unchanged", unchanged_).add("existed", exist_);
        event.add("failed", failed_).add("bytes", bytes_);
        event.add("ms", static_cast<std::uint64_t>(since(begin_).count()));
        if (!stopped_by.empty()) event.add("stopped_by", stopped_by);
        write_event(event.text());
    } else if (style_ == report_style::people || !stopped_by.empty()) {
        std::string text = progress_text();
        if (!stopped_by.empty())
            text += "; stopped by " + std::string(stopped_by) +
                    ": run it again to continue where it was";
        write_line(text);
    }
}

bool report::all_done() const noexcept {
    const lock_guard guard(lock_);
    return failed_ == 0 && exist_ == 0;
}

}  // namespace amphi::fetch
