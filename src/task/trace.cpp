// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/trace.hpp>

#include <amphi/base/atomic.hpp>

#include <atomic>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace amphi {

namespace {

struct travelling_trace {
    std::exception_ptr error;
    trace frames;
};

// An exception passes its frames one after the other on one thread, so its trace travels with the
// thread; a join carries it over to the joiner's. It also keeps the exception alive, else a new one
// at the same address would inherit the trace.
travelling_trace& travelling() {
    thread_local travelling_trace current;
    return current;
}

void print_and_terminate();

std::terminate_handler previous_handler = nullptr;

void print_and_terminate() {
    const std::exception_ptr error = std::current_exception();
    const trace frames = error ? trace_of(error) : trace();
    if (!frames.empty())
        std::fputs(("amphi: an exception left these tasks:\n" + to_string(frames)).c_str(), stderr);
    if (previous_handler != nullptr) previous_handler();
}

}  // namespace

std::string trace_entry::function() const {
    // clang: "amphi::task<int> sum(int)"; g++ names the frame function: "void sum(_Z3sumi.Frame*)"
    // or "sum(int)::_Z3sumi.Frame*" inside. Keep what stands before the parameters.
    std::string whole = function_.function_name();
    for (const std::string_view unnamed : {"(anonymous namespace)::", "{anonymous}::"})
        for (auto at = whole.find(unnamed); at != std::string::npos; at = whole.find(unnamed))
            whole.erase(at, unnamed.size());
    std::string_view name = whole;
    const auto end = name.find('(');
    if (end != std::string_view::npos && end > 0) name = name.substr(0, end);
    int depth = 0;
    std::size_t begin = name.size();
    while (begin > 0 && (depth > 0 || name[begin - 1] != ' ')) {
        --begin;
        depth += name[begin] == '>' ? 1 : name[begin] == '<' ? -1 : 0;
    }
    return std::string(name.substr(begin));
}

trace trace_of(const std::exception_ptr& error) {
    const travelling_trace& current = travelling();
    return error && current.error == error ? current.frames : trace();
}

std::string to_string(const trace& frames) {
    std::string text;
    for (const trace_entry& frame : frames)
        text += "  at " + frame.function() + " (" + frame.file() + ":" +
                std::to_string(frame.line()) + ")\n";
    return text;
}

namespace detail {

void record_failed_frame(
    const std::exception_ptr& error, std::source_location function, std::source_location await_site
) noexcept {
    try {
        travelling_trace& current = travelling();
        if (current.error != error) current = {error, {}};
        // A runaway recursion's trace is cut where a person stops reading.
        static constexpr std::size_t frames_max = 256;
        if (current.frames.size() < frames_max) current.frames.emplace_back(function, await_site);
    } catch (...) {  // Out of memory: the error matters, its trace does not.
        return;
    }
}

trace take_trace(const std::exception_ptr& error) noexcept {
    travelling_trace& current = travelling();
    if (!error || current.error != error) return {};
    return std::exchange(current, {}).frames;
}

void continue_trace(const std::exception_ptr& error, trace frames) noexcept {
    travelling() = {error, std::move(frames)};
}

void print_trace_on_terminate() noexcept {
    static detail::atomic<bool> installed{false};
    // relaxed: only who installs matters, and terminate handlers are set by an atomic exchange.
    if (!installed.exchange(true, std::memory_order_relaxed))
        previous_handler = std::set_terminate(print_and_terminate);
}

}  // namespace detail
}  // namespace amphi
