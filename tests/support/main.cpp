// SPDX-License-Identifier: BSL-1.0
#include <gmock/gmock.h>

// The sanitizers read their defaults from the binary, so that a test that is run by hand behaves as
// it does under ctest.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the names are clang's.
extern "C" {
const char* __ubsan_default_options();
const char* __ubsan_default_options() {
    return "print_stacktrace=1";
}
const char* __tsan_default_options();
const char* __tsan_default_options() {
    return "halt_on_error=1:second_deadlock_stack=1";
}
// libcurl closes a socket that is not connected yet before it says that it no longer wants its
// events: another thread may own the number by then. To take it from an epoll set that it is not in
// is harmless.
const char* __tsan_default_suppressions();
const char* __tsan_default_suppressions() {
    return "race:libcurl.so\n";
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

int main(int argc, char** argv) {
    testing::InitGoogleMock(&argc, argv);
    return RUN_ALL_TESTS();
}
