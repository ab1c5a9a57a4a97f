// SPDX-License-Identifier: BSL-1.0
#include "support/program.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"
#include "support/terminal.hpp"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace amphi::cli {

namespace {

using namespace amphi::testing;
using ::testing::HasSubstr;

// What begins a progress line anew, and the one thing that is sent to a terminal beside text.
constexpr std::string_view erase = "\r\x1b[K";

/// A line in the place of the progress line. (Appended: g++ 12 takes `+` here for an overrun.)
std::string in_its_place(std::string_view text) {
    std::string line(erase);
    line += text;
    return line;
}

/// What `amphi get` shows to a person: its errors go to a terminal.
class display : public ::testing::Test {
public:
    void set_columns(unsigned short columns) const {
        const winsize size{24, columns, 0, 0};
        ASSERT_EQ(::ioctl(seen_.screen.get(), TIOCSWINSZ, &size), 0);
    }

    /// Reads on until `text` was shown, but not for ever.
    void wait_for(std::string_view text) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (shown_.find(text) == std::string::npos) {
            ASSERT_LT(std::chrono::steady_clock::now(), until) << text << "\nin " << shown_;
            pollfd come{seen_.keyboard.get(), POLLIN, 0};
            const int count = ::poll(&come, 1, 1000);
            if (count == 0 || (count < 0 && errno == EINTR)) continue;
            char bytes[4096];
            const ssize_t size = ::read(seen_.keyboard.get(), bytes, sizeof bytes);
            ASSERT_GT(size, 0) << text << "\nin " << shown_;
            shown_.append(bytes, static_cast<std::size_t>(size));
        }
    }

    [[nodiscard]] program get(const std::vector<std::string>& more) const {
        std::vector<std::string> words{
            AMPHI_COMMAND, "get", "--retries", "0", "-o", temp.path().string()
        };
        words.insert(words.end(), more.begin(), more.end());
        return program(words, [this] { ::dup2(seen_.screen.get(), STDERR_FILENO); });
    }

    /// What was shown, up to the last end of a line.
    [[nodiscard]] const std::string& shown() const noexcept { return shown_; }

    temp_folder temp;

private:
    terminal seen_;
    std::string shown_;
};

TEST_F(display, keeps_the_progress_on_one_line_of_the_terminal_s_width) {
    std::promise<void> looked;
    raw_server server([&](raw_connection& to, const std::string&) {
        looked.get_future().wait();
        to.answer(404, "");
        return true;
    });
    set_columns(12);
    program running = get({server.url("/none")});
    // One column stays free. The next line begins in the place of this one.
    wait_for(in_its_place("0 files, 0 ").append(erase));
    set_columns(200);
    wait_for(in_its_place("0 files, 0 B, 0 B/s, "));
    looked.set_value();
    EXPECT_EQ(running.wait(), 1);
    wait_for("1 failed\r\n");
    // The lines that stay are written in the progress line's place too.
    EXPECT_THAT(shown(), HasSubstr(in_its_place("amphi: ") + server.url("/none")));
    EXPECT_THAT(shown(), HasSubstr("404 (check the URL)\r\n0 files, 0 B, 0 B/s, "));
}

TEST_F(display, shows_names_and_urls_without_their_control_characters) {
    raw_server server([&](raw_connection& to, const std::string&) {
        to.answer(404, "");
        return true;
    });
    program refused = get({server.url("/%1b%5b31mred"), "\x1b]0;title\x07"});
    EXPECT_EQ(refused.wait(), 1);
    wait_for("2 failed\r\n");
    EXPECT_THAT(shown(), HasSubstr("\"\\x1b[31mred\" has characters that cannot be shown"));
    EXPECT_THAT(shown(), HasSubstr("\\x1b]0;title\\x07: no URL"));

    std::ofstream(temp / "\x1b[31mred") << "mine";
    program kept = get({"-O", "\x1b[31mred", server.url("/red")});
    EXPECT_EQ(kept.wait(), 1);
    wait_for("1 existed\r\n");
    EXPECT_THAT(shown(), HasSubstr("/\\x1b[31mred exists"));
    std::string rest = shown();
    for (auto at = rest.find(erase); at != std::string::npos; at = rest.find(erase))
        rest.erase(at, erase.size());
    for (const char control : {'\x1b', '\x07'})
        EXPECT_EQ(rest.find(control), std::string::npos) << rest;
}

}  // namespace

}  // namespace amphi::cli
