// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/task/task.hpp>

#include "support/memory_stream.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using testing::memory_stream;

static_assert(readable_stream<memory_stream>);
static_assert(writable_stream<memory_stream>);
static_assert(!readable_stream<std::string>);

template <class T>
std::string text_of(const T& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

TEST(stream, an_exact_read_goes_on_until_the_buffer_is_full) {
    run(threads, []() -> task<> {
        memory_stream from("0123456789");
        std::array<std::byte, 8> into{};
        co_await read_exactly(from, into);
        EXPECT_EQ(text_of(into), "01234567");
        std::array<std::byte, 2> rest{};
        co_await read_exactly(from, rest);
        EXPECT_EQ(text_of(rest), "89");
    });
}

TEST(stream, an_exact_read_of_nothing_does_not_touch_the_stream) {
    run(threads, []() -> task<> {
        memory_stream from("");
        co_await read_exactly(from, {});
    });
}

TEST(stream, an_early_end_says_how_much_came) {
    run(threads, []() -> task<> {
        memory_stream from("0123456789");
        std::array<std::byte, 16> into{};
        bool ended = false;
        try {
            co_await read_exactly(from, into);
        } catch (const end_of_stream& error) {
            ended = true;
            EXPECT_EQ(error.received(), 10U);
            EXPECT_EQ(error.expected(), 16U);
            EXPECT_STREQ(error.what(), "the stream ended after 10 of 16 bytes");
        }
        EXPECT_TRUE(ended);
    });
}

TEST(stream, a_whole_write_goes_on_after_short_ones) {
    run(threads, []() -> task<> {
        memory_stream to("");
        co_await write_all(to, bytes_of("0123456789"));
        EXPECT_EQ(to.content(), "0123456789");
    });
}

TEST(stream, a_copy_takes_everything_and_counts_it) {
    run(threads, []() -> task<> {
        memory_stream from("0123456789", 5);
        memory_stream to("", 2);
        const std::uint64_t count = co_await copy(from, to, 4);
        EXPECT_EQ(count, 10U);
        EXPECT_EQ(to.content(), "0123456789");
    });
}

TEST(stream, a_copy_without_a_buffer_is_refused) {
    EXPECT_THROW(
        run(threads,
            []() -> task<> {
                memory_stream from("0");
                memory_stream to("");
                co_await copy(from, to, 0);
            }),
        std::invalid_argument
    );
}

}  // namespace
}  // namespace amphi
