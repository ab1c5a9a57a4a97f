// SPDX-License-Identifier: BSL-1.0
#include <amphi/process/command.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/environment.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/process/child.hpp>
#include <amphi/process/exit_status.hpp>
#include <amphi/process/pipe.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/select.hpp>

#include "child_process.hpp"
#include "launch.hpp"
#include "pipe_end.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace amphi {

namespace {

/// What is opened for a child's streams, until it has been started.
class opened_streams {
public:
    explicit opened_streams(const std::string& program) : program_(program) {}

    /// Makes `place` lead where `how` says. Returns this process's end when that is a pipe.
    descriptor open(detail::launch_plan& plan, std::size_t place, const stdio& how) {
        switch (how.where()) {
        case stdio::inherit:
            return {};
        case stdio::null:
            child_ends_[place].reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
            if (!child_ends_[place])
                detail::throw_system_error(errno, "open /dev/null for", program_);
            plan.stdio[place] = child_ends_[place].get();
            return {};
        case stdio::pipe:
            return open_pipe(plan, place);
        case stdio::output:
            if (place != STDERR_FILENO)
                detail::throw_system_error(
                    EINVAL, "lead another stream than errors to the output of", program_
                );
            plan.error_to_output = true;
            return {};
        case stdio::descriptor:
            if (how.given() < 0) detail::throw_system_error(EBADF, "set the streams of", program_);
            plan.stdio[place] = how.given();
            return {};
        }
        return {};
    }

private:
    descriptor open_pipe(detail::launch_plan& plan, std::size_t place) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            detail::throw_system_error(errno, "make a pipe for", program_);
        const bool is_input = place == STDIN_FILENO;
        child_ends_[place].reset(ends[is_input ? 0 : 1]);
        plan.stdio[place] = child_ends_[place].get();
        return descriptor(ends[is_input ? 1 : 0]);
    }

    const std::string& program_;
    std::array<descriptor, 3> child_ends_;
};

/// The kernel would take a null for the end of a text.
void refuse_nulls(const std::string& text, const std::string& program) {
    if (text.find('\0') != std::string::npos)
        detail::throw_system_error(EINVAL, "pass a text with a null in it to", program);
}

/// One stream that is collected.
class collected {
public:
    collected(const std::optional<pipe_reader>& from, std::string& into)
        : fd(from ? from->native_handle() : -1)
        , text(into) {}

    int fd;  ///< -1 at its end
    std::string& text;
    detail::watch readiness;
};

/// Takes what is there now. False when there is nothing, and it is to be waited for.
bool take_some(
    collected& from, std::span<char> buffer, std::size_t bytes_max, const std::string& program
) {
    if (from.fd < 0) return false;
    const std::ptrdiff_t count = detail::read_now(from.fd, std::as_writable_bytes(buffer));
    if (count == -EAGAIN) return false;
    if (count < 0)
        detail::throw_system_error(static_cast<int>(-count), "read what was written by", program);
    if (count == 0) {
        from.fd = -1;
        return true;
    }
    if (static_cast<std::size_t>(count) > bytes_max - from.text.size())
        throw output_too_long(program, bytes_max);
    from.text.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
}

/// Reads both to their ends, whichever has something: a program that fills the pipe that nobody
/// reads would wait for ever.
task<>
collect(collected& first, collected& second, std::size_t bytes_max, const std::string& program) {
    constexpr std::size_t buffer_size = std::size_t{64} * 1024;
    const auto buffer = std::make_unique_for_overwrite<char[]>(buffer_size);
    while (first.fd >= 0 || second.fd >= 0) {
        detail::checkpoint passed;
        co_await passed;
        const bool some_of_first =
            take_some(first, {buffer.get(), buffer_size}, bytes_max, program);
        const bool some_of_second =
            take_some(second, {buffer.get(), buffer_size}, bytes_max, program);
        if (some_of_first || some_of_second) continue;
        detail::ready_operation one(first.readiness, first.fd, detail::direction::read);
        detail::ready_operation other(second.readiness, second.fd, detail::direction::read);
        if (first.fd < 0) {
            co_await other;
        } else if (second.fd < 0) {
            co_await one;
        } else {
            auto either = select(one, other);
            (void)co_await either;
        }
    }
}

}  // namespace

output_too_long::output_too_long(const std::string& program, std::size_t bytes_max)
    : std::length_error(
          program + " has written more than the limit of " + std::to_string(bytes_max) + " bytes"
      ) {}

output_too_long::~output_too_long() = default;

command& command::args(std::vector<std::string> values) {
    args_.insert(
        args_.end(), std::make_move_iterator(values.begin()), std::make_move_iterator(values.end())
    );
    return *this;
}

command& command::env(std::string name, std::string value) {
    if (name.empty() || name.find('=') != std::string::npos)
        detail::throw_system_error(EINVAL, "set a variable of this name for", program_);
    env_.emplace_back(std::move(name), std::move(value));
    return *this;
}

command& command::remove_env(std::string name) {
    env_.emplace_back(std::move(name), std::nullopt);
    return *this;
}

command& command::clear_env() {
    env_.clear();
    clear_env_ = true;
    return *this;
}

std::vector<std::string> command::environment() const {
    std::vector<std::string> all;
    for (char** variable = ::environ; !clear_env_ && variable != nullptr && *variable != nullptr;
         ++variable)
        all.emplace_back(*variable);
    for (const change& each : env_) {
        const std::string head = each.first + "=";
        std::erase_if(all, [&head](const std::string& text) { return text.starts_with(head); });
        if (each.second) all.push_back(head + *each.second);
    }
    return all;
}

std::vector<std::string> command::paths_to_try() const {
    if (program_.find('/') != std::string::npos || program_.empty()) return {program_};
    const char* const own = detail::environment("PATH");
    std::string folders = own != nullptr ? own : "/usr/local/bin:/usr/bin:/bin";
    for (const change& each : env_)
        if (each.first == "PATH" && each.second) folders = *each.second;
    std::vector<std::string> paths;
    for (std::string_view rest = folders;;) {
        const std::size_t colon = std::min(rest.find(':'), rest.size());
        const std::string_view folder = rest.substr(0, colon);
        // An empty one is the folder where the program starts.
        paths.push_back(std::string(folder.empty() ? "." : folder) + "/" + program_);
        if (colon == rest.size()) return paths;
        rest.remove_prefix(colon + 1);
    }
}

child command::spawn_with(const stdio& in, const stdio& out, const stdio& err) const {
    detail::launch_plan plan;
    plan.program = program_;
    plan.paths = paths_to_try();
    plan.words.push_back(program_);
    plan.words.insert(plan.words.end(), args_.begin(), args_.end());
    plan.environment = environment();
    plan.folder = folder_.native();
    plan.passed = passed_;
    plan.new_group = new_group_;
    for (const std::string& text : plan.words)
        refuse_nulls(text, program_);
    for (const std::string& text : plan.environment)
        refuse_nulls(text, program_);
    refuse_nulls(plan.folder, program_);

    opened_streams streams(program_);
    descriptor to_input = streams.open(plan, STDIN_FILENO, in);
    descriptor from_output = streams.open(plan, STDOUT_FILENO, out);
    descriptor from_error = streams.open(plan, STDERR_FILENO, err);
    std::optional<pipe_writer> input;
    std::optional<pipe_reader> output;
    std::optional<pipe_reader> error;
    if (to_input) input.emplace(std::move(to_input));
    if (from_output) output.emplace(std::move(from_output));
    if (from_error) error.emplace(std::move(from_error));

    auto made = std::make_unique<detail::child_process>(program_);
    made->own = detail::launch(plan);
    made->input = std::move(input);
    made->output = std::move(output);
    made->error = std::move(error);
    return child(std::move(made));
}

child command::spawn() const {
    return spawn_with(
        input_.value_or(stdio::inherit),
        output_.value_or(stdio::inherit),
        error_.value_or(stdio::inherit)
    );
}

task<exit_status> command::status() const {
    detail::checkpoint begun;
    co_await begun;
    child running = spawn();
    running.process().input.reset();
    running.process().output.reset();
    running.process().error.reset();
    co_return co_await running.wait();
}

task<command_output> command::output() const {
    detail::checkpoint begun;
    co_await begun;
    child running = spawn_with(
        input_.value_or(stdio::null), output_.value_or(stdio::pipe), error_.value_or(stdio::pipe)
    );
    detail::child_process& process = running.process();
    process.input.reset();
    command_output all;
    {
        collected output(process.output, all.output);
        collected error(process.error, all.error);
        co_await collect(output, error, output_max_, program_);
    }
    all.status = co_await running.wait();
    co_return all;
}

}  // namespace amphi
