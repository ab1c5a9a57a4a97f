// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <exception>
#include <source_location>
#include <string>
#include <vector>

namespace amphi {

/// One coroutine on the way of an exception.
class trace_entry {
public:
    trace_entry(std::source_location function, std::source_location await_site) noexcept
        : function_(function)
        , await_site_(await_site) {}

    /// The coroutine's name, as far as the compiler tells it.
    [[nodiscard]] AMPHI_EXPORT std::string function() const;
    [[nodiscard]] const char* file() const noexcept { return at().file_name(); }
    /// The line of the last `co_await` in it, or of the coroutine when it has awaited nothing.
    [[nodiscard]] unsigned line() const noexcept { return static_cast<unsigned>(at().line()); }

private:
    [[nodiscard]] const std::source_location& at() const noexcept {
        return await_site_.line() != 0 ? await_site_ : function_;
    }
    std::source_location function_;
    std::source_location await_site_;
};

/// The chain of awaits that an exception came through, innermost first.
using trace = std::vector<trace_entry>;

/// The chain of awaits that `error` came through on its way to this thread; empty when it did not
/// leave a task, or when another one has come since.
[[nodiscard]] AMPHI_EXPORT trace trace_of(const std::exception_ptr& error);

/// As text, a line a frame.
[[nodiscard]] AMPHI_EXPORT std::string to_string(const trace& frames);

namespace detail {

/// Appends a frame to the trace of `error`, which is leaving it; a new error begins a new trace.
void record_failed_frame(
    const std::exception_ptr& error, std::source_location function, std::source_location await_site
) noexcept;

/// As `trace_of`, when `error` goes to whoever joins: this thread forgets it, so that it does not
/// keep alive what others have done with.
[[nodiscard]] AMPHI_EXPORT trace take_trace(const std::exception_ptr& error) noexcept;

/// Carries a trace to the thread on which `error` is thrown again.
AMPHI_EXPORT void continue_trace(const std::exception_ptr& error, trace frames) noexcept;

/// From now on an exception that ends the program prints its trace first. Called when one leaves
/// `run`; the handler that was there before is called after it.
AMPHI_EXPORT void print_trace_on_terminate() noexcept;

}  // namespace detail
}  // namespace amphi
