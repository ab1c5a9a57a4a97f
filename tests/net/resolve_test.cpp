// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/resolve.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

namespace amphi::net {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class resolve_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, resolve_test, testing::all_lives(), testing::name_of_life);

TEST_P(resolve_test, a_numeric_address_is_its_own_answer) {
    EXPECT_THAT(run(resolve, "127.0.0.1", 80), ElementsAre(endpoint::parse("127.0.0.1:80")));
    EXPECT_THAT(run(resolve, "::1", 80), ElementsAre(endpoint::parse("[::1]:80")));
    EXPECT_THAT(run(resolve, "[::1]", 80), ElementsAre(endpoint::parse("[::1]:80")));
}

TEST_P(resolve_test, this_machine_is_known_by_name) {
    EXPECT_THAT(
        run(resolve, "localhost", 8080),
        Contains(AnyOf(endpoint::loopback(8080), endpoint::parse("[::1]:8080")))
    );
}

TEST_P(resolve_test, a_name_that_cannot_be_names_itself_and_the_reason) {
    // None of these is asked of a server.
    for (const std::string& host :
         {std::string(), std::string("localhost\0.example", 18), std::string(300, 'x')})
        try {
            (void)run(resolve, host, 80);
            ADD_FAILURE() << "'" << host << "' was resolved";
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code().category(), resolver_category());
            EXPECT_THAT(error.what(), HasSubstr("resolve '" + host.substr(0, host.find('\0'))));
            EXPECT_THAT(error.what(), HasSubstr(::gai_strerror(error.code().value())));
        }
}

TEST_P(resolve_test, a_deadline_that_has_passed_asks_nobody) {
    EXPECT_THROW(
        run([]() -> task<> {
            (void)co_await timeout(
                std::chrono::milliseconds(0), resolve, "localhost", std::uint16_t{80}
            );
        }),
        timed_out
    );
}

}  // namespace
}  // namespace amphi::net
