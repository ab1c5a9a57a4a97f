// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"

#include <sys/resource.h>

namespace {

/// Thousands of connections need thousands of descriptors; the soft limit is often 1,024. Where the
/// system refuses, the command works with what it has and says so when it runs out.
void raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    raise_descriptor_limit();
    return amphi::cli::run_command_line(argc, argv);
}
