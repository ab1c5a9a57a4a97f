// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/frames.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_of.hpp>
#include <amphi/task/result.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/memory_stream.hpp"
#include "support/pipe.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using ::testing::ElementsAre;
using testing::memory_stream;
using namespace std::string_literals;

class frames_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, frames_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}
std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

task<std::string> written(std::string text, std::size_t length_bytes, bool little) {
    memory_stream to("");
    frame_format format;
    format.length_bytes(length_bytes).order(little ? std::endian::little : std::endian::big);
    co_await write_frame(to, bytes_of(text), format);
    co_return to.content();
}

TEST(frames, begin_with_their_length) {
    EXPECT_EQ(run(threads, written, "ab", 1U, false), "\2ab"s);
    EXPECT_EQ(run(threads, written, "ab", 2U, false), "\0\2ab"s);
    EXPECT_EQ(run(threads, written, "ab", 2U, true), "\2\0ab"s);
    EXPECT_EQ(run(threads, written, "ab", 4U, false), "\0\0\0\2ab"s);
    EXPECT_EQ(run(threads, written, "ab", 4U, true), "\2\0\0\0ab"s);
    EXPECT_EQ(run(threads, written, "ab", 8U, false), "\0\0\0\0\0\0\0\2ab"s);
    EXPECT_EQ(run(threads, written, "ab", 8U, true), "\2\0\0\0\0\0\0\0ab"s);
    EXPECT_EQ(run(threads, written, std::string(0x102, 'x'), 2U, true).substr(0, 3), "\2\1x"s);
}

task<> round_trip(std::size_t length_bytes, bool little, std::size_t chunk) {
    frame_format format;
    format.length_bytes(length_bytes).order(little ? std::endian::little : std::endian::big);
    memory_stream through("", chunk);
    std::vector<std::string> texts{"", "a", ""};
    texts.emplace_back(255, 'b');
    if (length_bytes > 2) texts.emplace_back(200'000, 'c');
    for (const std::string& text : texts)
        co_await write_frame(through, bytes_of(text), format);
    frames from(through, format);
    for (const std::string& text : texts) {
        const std::optional<std::vector<std::byte>> frame = co_await from.next();
        EXPECT_TRUE(frame.has_value());
        if (!frame) co_return;
        EXPECT_EQ(text_of(*frame), text);
    }
    const std::optional<std::vector<std::byte>> none = co_await from.next();
    EXPECT_FALSE(none.has_value());
}

TEST_P(frames_test, come_as_they_were_written) {
    for (const std::size_t length_bytes : {1U, 2U, 4U, 8U})
        for (const bool little : {false, true})
            for (const std::size_t chunk : {1U, 7U, 100'000U})
                run(round_trip, length_bytes, little, chunk);
}

task<std::size_t> read_all(std::string content, std::uint64_t length_max) {
    memory_stream stream(std::move(content));
    frames from(stream, frame_format().length_max(length_max));
    std::size_t count = 0;
    for (;; ++count) {
        const std::optional<std::vector<std::byte>> frame = co_await from.next();
        if (!frame) co_return count;
    }
}

TEST(frames, may_be_as_long_as_the_limit) {
    EXPECT_EQ(run(threads, read_all, "\0\0\0\0051234\5"s, 5U), 1U);
    EXPECT_THROW(run(threads, read_all, "\0\0\0\00612345\6"s, 5U), frame_too_long);
}

TEST(frames, the_error_names_length_and_limit_and_stays) {
    run(threads, []() -> task<> {
        memory_stream stream("\xff\xff\xff\xff and what follows");
        frames from(stream, frame_format().length_max(1000));
        for (int attempt = 0; attempt < 2; ++attempt) {
            std::string what;
            try {
                (void)co_await from.next();
            } catch (const frame_too_long& error) {
                what = error.what();
                EXPECT_EQ(error.length(), 0xffffffffU);
                EXPECT_EQ(error.length_max(), 1000U);
            }
            EXPECT_EQ(what, "a frame of 4294967295 bytes is longer than the limit of 1000 bytes");
        }
    });
}

TEST(frames, too_long_for_the_bytes_of_its_length_is_not_written) {
    run(threads, []() -> task<> {
        memory_stream to("");
        const std::string text(256, 'x');
        auto outcome =
            co_await as_result(write_frame(to, bytes_of(text), frame_format().length_bytes(1)));
        EXPECT_THROW(std::move(outcome).value(), frame_too_long);
        EXPECT_EQ(to.content(), "");
    });
}

TEST(frames, one_that_is_cut_off_is_an_error) {
    EXPECT_EQ(run(threads, read_all, ""s, 100U), 0U);
    EXPECT_THROW(run(threads, read_all, "\0\0"s, 100U), end_of_stream);
    EXPECT_THROW(run(threads, read_all, "\0\0\0\4"s, 100U), end_of_stream);
    EXPECT_THROW(run(threads, read_all, "\0\0\0\4abc"s, 100U), end_of_stream);
    EXPECT_EQ(run(threads, read_all, "\0\0\0\4abcd"s, 100U), 1U);
}

// Else four bytes from a stranger would take what memory there is.
TEST(frames, a_length_alone_takes_little_memory) {
    detail::frame_buffer buffer(frame_format().length_max(~std::uint64_t{0}));
    const std::span<std::byte> header = buffer.room();
    EXPECT_EQ(header.size(), 4U);
    for (std::byte& byte : header)
        byte = std::byte{0xff};
    buffer.filled(4);
    EXPECT_LE(buffer.room().size(), 64U * 1024);
}

TEST(frames, have_a_length_in_one_two_four_or_eight_bytes) {
    for (const std::size_t count : {0U, 3U, 5U, 6U, 7U, 9U, 16U})
        EXPECT_THROW(frame_format().length_bytes(count), std::invalid_argument) << count;
    EXPECT_EQ(frame_format().length_bytes(2).length_max(), 0xffffU);
    EXPECT_EQ(
        frame_format().length_bytes(8).length_max(~std::uint64_t{0}).length_max(), ~std::uint64_t{0}
    );
}

task<std::optional<std::vector<std::byte>>> next_frame(frames<testing::pipe_reader>& from) {
    return from.next();
}

TEST_P(frames_test, a_cancelled_wait_loses_nothing) {
    run([]() -> task<> {
        testing::pipe_ends ends;
        frames from(ends.reader, frame_format().length_bytes(2));
        ends.writer.write_now(std::string_view("\0", 1));
        co_await testing::expect_deadline_ends(next_frame, from);
        ends.writer.write_now("\4ab");
        co_await testing::expect_deadline_ends(next_frame, from);
        ends.writer.write_now("cd");
        const std::optional<std::vector<std::byte>> frame = co_await from.next();
        EXPECT_EQ(text_of(frame.value()), "abcd");
    });
}

TEST_P(frames_test, can_be_a_stream) {
    run([]() -> task<> {
        memory_stream stream("\1a\2bc"s);
        auto all = stream_of(frames(stream, frame_format().length_bytes(1)));
        const std::vector<std::vector<std::byte>> items = co_await collect(std::move(all));
        EXPECT_EQ(items.size(), 2U);
        EXPECT_EQ(text_of(items.at(1)), "bc");
    });
}

}  // namespace
}  // namespace amphi
