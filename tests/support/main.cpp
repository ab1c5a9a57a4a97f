// SPDX-License-Identifier: BSL-1.0
#include <gmock/gmock.h>

// The sanitizers read their defaults from the binary, so that a test that is run by hand behaves as
// it does under ctest.
extern "C" {
const char* __ubsan_default_options();  // NOLINT(bugprone-reserved-identifier): clang names it
const char* __ubsan_default_options() { return "print_stacktrace=1"; }
const char* __tsan_default_options();  // NOLINT(bugprone-reserved-identifier): clang names it
const char* __tsan_default_options() { return "halt_on_error=1:second_deadlock_stack=1"; }
}

int main(int argc, char** argv) {
    testing::InitGoogleMock(&argc, argv);
    return RUN_ALL_TESTS();
}
