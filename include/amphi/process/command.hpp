// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/export.hpp>
#include <amphi/process/child.hpp>
#include <amphi/process/exit_status.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace amphi {

/// Where a standard stream of a child process leads.
class stdio {
public:
    enum kind : std::uint8_t {
        inherit,     ///< where this process's own leads
        null,        ///< nowhere: /dev/null
        pipe,        ///< to this process, as a stream of `child`
        output,      ///< for errors alone: where its output leads
        descriptor,  ///< to what was given
    };

    stdio(kind where) noexcept : kind_(where) {}  // NOLINT(google-explicit-constructor): an option
    /// It is open as long as the command, or a copy of it.
    explicit stdio(amphi::descriptor given)
        : kind_(descriptor)
        , given_(std::make_shared<const amphi::descriptor>(std::move(given))) {}

    [[nodiscard]] kind where() const noexcept { return kind_; }
    [[nodiscard]] int given() const noexcept { return given_ ? given_->get() : -1; }

private:
    kind kind_;
    std::shared_ptr<const amphi::descriptor> given_;
};

/// What a program has written, and how it has ended.
class command_output {
public:
    exit_status status;
    std::string output;
    std::string error;
};

/// Thrown when a program has written more than `command::output_limit` allows.
class AMPHI_EXPORT output_too_long : public std::length_error {
public:
    output_too_long(const std::string& program, std::size_t bytes_max);
    output_too_long(const output_too_long&) noexcept = default;
    output_too_long& operator=(const output_too_long&) noexcept = default;
    ~output_too_long() override;
};

/// A program to start, without a shell in between.
///
///     const auto listed = co_await command("ls").arg("-l").current_dir("/tmp").output();
///
/// It gets three standard streams, the descriptors that `pass` names, and no other; no signal is
/// blocked, and SIGPIPE ends it; other signals that this process ignores it ignores too (nohup).
///
/// Threads: as any value; several may start it at once.
/// Errors: `std::system_error`, naming the program, when it cannot be started: ENOENT, EACCES.
class AMPHI_EXPORT command {
public:
    /// A name without a slash is looked for in the folders of PATH: the child's, where `env` sets
    /// it, else this process's.
    explicit command(std::string program) : program_(std::move(program)) {}

    command& arg(std::string value) {
        args_.push_back(std::move(value));
        return *this;
    }
    command& args(std::vector<std::string> values);

    /// The environment is this process's, less or more what is said here.
    command& env(std::string name, std::string value);
    command& remove_env(std::string name);
    command& clear_env();

    /// Where it starts; a relative path of the program counts from there.
    command& current_dir(std::filesystem::path folder) {
        folder_ = std::move(folder);
        return *this;
    }

    // Inherited unless set; what `output()` runs reads nothing and is collected.
    command& input(stdio from) {
        input_ = std::move(from);
        return *this;
    }
    command& output(stdio to) {
        output_ = std::move(to);
        return *this;
    }
    command& error(stdio to) {
        error_ = std::move(to);
        return *this;
    }

    /// A descriptor of this process that it shall have too, under the same number. Open until then.
    command& pass(int fd) {
        passed_.push_back(fd);
        return *this;
    }
    /// In a process group of its own, which a terminal's Ctrl-C does not reach.
    command& new_group(bool on = true) noexcept {
        new_group_ = on;
        return *this;
    }
    /// How much `output()` collects at most of each stream. 16 MB unless set.
    command& output_limit(std::size_t bytes_max) noexcept {
        output_max_ = bytes_max;
        return *this;
    }

    [[nodiscard]] const std::string& program() const noexcept { return program_; }

    /// Starts it. Blocks its thread until the program has been loaded, a fraction of a millisecond
    /// where its file is at hand.
    [[nodiscard]] child spawn() const;

    /// Runs it to its end. Pipes are closed at once. Cancellation: it is killed.
    [[nodiscard]] task<exit_status> status() const;

    /// Runs it to its end and collects what it writes, to both streams at once. It has written all
    /// when nobody holds them open any more: the programs that it has started may.
    /// Cancellation: it is killed.
    [[nodiscard]] task<command_output> output() const;

private:
    using change = std::pair<std::string, std::optional<std::string>>;

    [[nodiscard]] child spawn_with(const stdio& in, const stdio& out, const stdio& err) const;
    [[nodiscard]] std::vector<std::string> environment() const;
    [[nodiscard]] std::vector<std::string> paths_to_try() const;

    std::string program_;
    std::vector<std::string> args_;
    std::vector<change> env_;
    std::filesystem::path folder_;
    std::optional<stdio> input_;
    std::optional<stdio> output_;
    std::optional<stdio> error_;
    std::vector<int> passed_;
    std::size_t output_max_ = std::size_t{16} * 1024 * 1024;
    bool clear_env_ = false;
    bool new_group_ = false;
};

template <>
inline constexpr bool enable_sendable<stdio> = true;
template <>
inline constexpr bool enable_sendable<command_output> = true;
template <>
inline constexpr bool enable_sendable<command> = true;

}  // namespace amphi
