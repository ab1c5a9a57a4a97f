// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"

#include <cerrno>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

/// A standard stream that the process was started without would become the number of the next file
/// that is opened, and what is said there would be written into that. In its place stands one that
/// refuses: what is read is open for writing, and the other way round.
void hold_standard_streams() noexcept {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
        const int refusing = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        // The lowest number that is free, which is this one.
        if (open("/dev/null", refusing) != stream) std::_Exit(amphi::cli::exit_failed);
    }
}

/// Thousands of connections need thousands of descriptors; the soft limit is often 1,024. Where the
/// system refuses, the command works with what it has and says so when it runs out.
void raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/// What others' programs get by default is what these two subcommands show.
bool reports_on_what_is(int argc, const char* const* argv) noexcept {
    const std::string_view subcommand = argc > 1 ? argv[1] : "";
    return subcommand == "doctor" || subcommand == "compare";
}

}  // namespace

int main(int argc, char** argv) {
    hold_standard_streams();
    if (!reports_on_what_is(argc, argv)) raise_descriptor_limit();
    return amphi::cli::run_command_line(argc, argv);
}
