// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/os_thread.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <system_error>

#include <gtest/gtest.h>
#include <pthread.h>

namespace {

using namespace amphi::detail;

struct seen {
    char name[16]{};
    std::size_t stack_bytes = 0;
};

void look(void* into) {
    auto& found = *static_cast<seen*>(into);
    ::pthread_getname_np(::pthread_self(), found.name, sizeof found.name);
    // The address sanitizer keeps local variables elsewhere.
    const auto* const here = static_cast<const char*>(__builtin_frame_address(0));
    found.stack_bytes =
        static_cast<std::size_t>(here - static_cast<const char*>(stack_bottom_of_this_thread()));
}

TEST(os_thread, has_the_name_and_the_stack_that_were_asked_for) {
    seen found;
    join_os_thread(start_os_thread("short", 256 * 1024, look, &found));
    EXPECT_STREQ(found.name, "short");
    EXPECT_GT(found.stack_bytes, 128U * 1024);
    EXPECT_LE(found.stack_bytes, 256U * 1024);
}

TEST(os_thread, cuts_a_name_that_the_kernel_would_refuse) {
    seen found;
    join_os_thread(start_os_thread("a-name-of-twenty-six-chars", 0, look, &found));
    EXPECT_STREQ(found.name, "a-name-of-twent");
    EXPECT_GT(found.stack_bytes, 0U);
}

TEST(os_thread, that_cannot_be_started_is_an_error_that_says_what_to_check) {
    try {
        constexpr std::size_t too_much = std::numeric_limits<std::size_t>::max() / 2;
        join_os_thread(start_os_thread("huge", too_much / 4096 * 4096, look, nullptr));
        ADD_FAILURE() << "no machine has such a stack";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string(error.what()).find("ulimit -u"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("huge"), std::string::npos);
    }
}

}  // namespace
