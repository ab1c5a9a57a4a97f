// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/task/result.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/memory_stream.hpp"
#include "support/pipe.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::memory_stream;

class lines_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, lines_test, testing::all_lives(), testing::name_of_life);

task<std::vector<std::string>> lines_of(std::string content, std::size_t chunk) {
    memory_stream from(std::move(content), chunk);
    lines reader(from);
    std::vector<std::string> found;
    for (;;) {
        std::optional<std::string> line = co_await reader.next();
        if (!line) co_return found;
        found.push_back(std::move(*line));
    }
}

std::vector<std::string> split(const std::string& content, std::size_t chunk = 1000) {
    return run(threads, lines_of, content, chunk);
}

TEST(lines, end_with_a_newline_or_with_a_carriage_return_before_it) {
    EXPECT_THAT(split("one\ntwo\r\nthree\n"), ElementsAre("one", "two", "three"));
}

TEST(lines, the_last_one_may_end_without) {
    EXPECT_THAT(split("one\ntwo"), ElementsAre("one", "two"));
}

TEST(lines, an_empty_one_is_a_line) {
    EXPECT_THAT(split("\n\r\n\nend\n"), ElementsAre("", "", "", "end"));
}

TEST(lines, an_empty_stream_has_none) {
    EXPECT_THAT(split(""), IsEmpty());
}

TEST(lines, a_carriage_return_elsewhere_is_kept) {
    EXPECT_THAT(split("a\rb\n\r\r\nc\r"), ElementsAre("a\rb", "\r", "c\r"));
}

TEST(lines, come_whole_from_a_stream_that_brings_a_byte_at_a_time) {
    EXPECT_THAT(split("one\r\n\r\ntwo\nthree", 1), ElementsAre("one", "", "two", "three"));
}

TEST(lines, longer_than_a_read_come_whole) {
    const std::string long_one(50'000, 'x');
    EXPECT_THAT(split(long_one + "\n" + long_one, 7'000), ElementsAre(long_one, long_one));
}

task<> read_with_limit(std::string content, std::size_t length_max) {
    memory_stream from(std::move(content));
    lines reader(from, length_max);
    for (;;) {
        const std::optional<std::string> line = co_await reader.next();
        if (!line) co_return;
    }
}

TEST(lines, may_be_as_long_as_the_limit) {
    for (const char* content : {"12345", "12345\n", "12345\r\n", "12345\r\n12345\n"})
        EXPECT_NO_THROW(run(threads, read_with_limit, content, 5U)) << content;
}

TEST(lines, longer_than_the_limit_are_refused) {
    for (const char* content : {"123456", "123456\n", "123456\r\n", "1\n123456", "1234567890123"})
        EXPECT_THROW(run(threads, read_with_limit, content, 5U), line_too_long) << content;
}

TEST(lines, the_error_names_the_limit_and_stays) {
    run(threads, []() -> task<> {
        memory_stream from("123456\nok\n");
        lines reader(from, 5);
        for (int attempt = 0; attempt < 2; ++attempt) {
            bool refused = false;
            try {
                (void)co_await reader.next();
            } catch (const line_too_long& error) {
                refused = true;
                EXPECT_STREQ(error.what(), "a line is longer than the limit of 5 bytes");
                EXPECT_EQ(error.length_max(), 5U);
            }
            EXPECT_TRUE(refused);
        }
    });
}

TEST_P(lines_test, what_is_written_is_read_again) {
    run([]() -> task<> {
        testing::memory_stream stream("");
        for (const char* line : {"one", "", "t\rwo", "last"})
            co_await write_line(stream, line);
        EXPECT_EQ(stream.content(), "one\n\nt\rwo\nlast\n");
        lines reader(stream);
        for (const char* line : {"one", "", "t\rwo", "last"}) {
            const std::optional<std::string> read = co_await reader.next();
            EXPECT_EQ(read, line);
        }
    });
}

TEST(lines, what_would_not_be_read_again_is_not_written) {
    run(threads, []() -> task<> {
        testing::memory_stream to("");
        for (const char* line : {"a\nb", "\n", "a\r"}) {
            auto written = co_await as_result(write_line(to, line));
            EXPECT_THROW(std::move(written).value(), std::invalid_argument) << line;
        }
        auto written = co_await as_result(write_line(to, "123456", 5));
        EXPECT_THROW(std::move(written).value(), line_too_long);
        co_await write_line(to, "12345", 5);
        EXPECT_EQ(to.content(), "12345\n");
    });
}

task<std::optional<std::string>> next_line(lines<testing::pipe_reader>& reader) {
    return reader.next();
}

TEST_P(lines_test, a_cancelled_wait_loses_nothing) {
    run([]() -> task<> {
        testing::pipe_ends ends;
        lines reader(ends.reader);
        ends.writer.write_now("half");
        co_await testing::expect_deadline_ends(next_line, reader);
        ends.writer.write_now(" and half\n");
        const std::optional<std::string> line = co_await reader.next();
        EXPECT_EQ(line, "half and half");
    });
}

}  // namespace
}  // namespace amphi
