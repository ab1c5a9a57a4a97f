// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>

#include <cerrno>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

#include <gmock/gmock.h>

namespace {

using ::testing::HasSubstr;

std::string message_of(int error, const char* operation, const std::string& subject) {
    try {
        amphi::detail::throw_system_error(error, operation, subject);
    } catch (const std::system_error& thrown) {
        EXPECT_EQ(thrown.code(), std::error_code(error, std::system_category()));
        return thrown.what();
    }
}

TEST(system_error, says_what_was_done_to_what_and_why_it_failed) {
    const std::string message = message_of(ECONNREFUSED, "connect to", "127.0.0.1:80");
    EXPECT_THAT(message, HasSubstr("connect to 127.0.0.1:80"));
    EXPECT_THAT(message, HasSubstr("refused"));
}

TEST(system_error, names_the_limit_that_was_met) {
    EXPECT_THAT(message_of(EMFILE, "open", "x"), HasSubstr("ulimit -n"));
    EXPECT_THAT(message_of(ENFILE, "open", "x"), HasSubstr("fs.file-max"));
}

TEST(cancellation, is_told_from_failures_by_its_type) {
    EXPECT_STREQ(amphi::operation_cancelled().what(), "operation cancelled");
    EXPECT_THROW(throw amphi::operation_cancelled(), std::exception);
    const int owner = 0;
    EXPECT_EQ(amphi::timed_out(&owner).owner(), &owner);
    EXPECT_EQ(amphi::timed_out().owner(), nullptr);
}

TEST(would_block_worker, says_what_to_use_instead) {
    EXPECT_THAT(
        amphi::would_block_worker("amphi::run").what(),
        ::testing::AllOf(HasSubstr("amphi::run"), HasSubstr("co_await on("))
    );
}

TEST(message_of_an_exception, is_what_it_says_of_itself) {
    const auto of = [](auto thrown) {
        return amphi::detail::message_of(std::make_exception_ptr(thrown));
    };
    EXPECT_EQ(of(std::runtime_error("no signal")), "no signal");
    EXPECT_EQ(of(7), "an exception that is not a std::exception");
}

}  // namespace
