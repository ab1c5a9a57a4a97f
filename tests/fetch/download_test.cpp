// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>

#include "fetch/download.hpp"
#include "support/borrowed.hpp"
#include "support/lives.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace amphi::fetch {

namespace {

using namespace amphi::testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string body = "0123456789abcdefghij";
const std::string tag = "ETag: \"1\"\r\n";

/// "bytes=N-" of a request's head; none: 0.
std::size_t range_of(const std::string& head) {
    const std::size_t at = head.find("Range: bytes=");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 13));
}

/// Answers as a good server does, from where the client wants it.
void answer_rest(raw_connection& to, const std::string& head, const std::string& whole = body) {
    const std::size_t first = range_of(head);
    const std::string total = std::to_string(whole.size());
    if (first == 0)
        to.answer(200, whole, tag);
    else
        to.answer(
            206,
            whole.substr(first),
            tag + "Content-Range: bytes " + std::to_string(first) + "-" +
                std::to_string(whole.size() - 1) + "/" + total + "\r\n"
        );
}

class downloads : public each_life, public retry_listener {
public:
    downloads() { how.retries = 0; }

    outcome get(const std::string& url) {
        return run(
            [](borrowed<downloads> test, std::string text) -> task<outcome> {
                co_return co_await test->download_to_x(text);
            },
            borrowed<downloads>(*this),
            url
        );
    }

    task<outcome> download_to_x(std::string url) {
        wanted_file what(http::url(url), "x");
        what.sha256 = sum;
        download_site at(*folder, how, received, *this);
        if (known) at.known = &*known;
        co_return co_await download(what, at);
    }

    [[nodiscard]] std::string content(const std::string& name = "x") const {
        std::ifstream in(temp / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    [[nodiscard]] bool has(const std::string& name) const {
        return std::filesystem::exists(temp / name);
    }

    /// Leaves the first ten bytes behind, as a run that was cut off does.
    void leave_ten(raw_server& server) {
        const outcome cut = get(server.url("/cut"));
        EXPECT_EQ(cut.what, outcome::kind::failed);
        EXPECT_EQ(content("x.part"), body.substr(0, 10));
    }

    temp_folder temp;
    std::optional<target_folder> folder{std::in_place, temp.path().string()};
    std::optional<manifest> known;
    std::optional<sha256_digest> sum;
    settings how;
    counter received{0};
    std::vector<std::chrono::milliseconds> pauses;

private:
    void retrying(const http::url&, const outcome&, std::chrono::milliseconds pause) override {
        pauses.push_back(pause);
    }
};
INSTANTIATE_TEST_SUITE_P(lives, downloads, all_lives(), name_of_life);

/// The first request of "/cut" is cut off after ten bytes; later ones are for `then`.
raw_server::script cut_once(raw_server::script then) {
    return [then = std::move(then),
            first = true](raw_connection& to, const std::string& head) mutable {
        if (!std::exchange(first, false)) return then(to, head);
        to.send("HTTP/1.1 200 x\r\n" + tag + "Content-Length: 20\r\n\r\n0123456789");
        return false;
    };
}

TEST_P(downloads, put_the_body_on_disk) {
    raw_server server([](raw_connection& to, const std::string& head) {
        answer_rest(to, head);
        return true;
    });
    const outcome result = get(server.url("/a"));
    EXPECT_EQ(result.what, outcome::kind::done);
    EXPECT_EQ(result.bytes, 20U);
    EXPECT_EQ(result.file, (temp / "x").string());
    EXPECT_EQ(content(), body);
    EXPECT_EQ(received.load(), 20U);
}

TEST_P(downloads, of_nothing_are_empty_files) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(200, "");
        return true;
    });
    EXPECT_EQ(get(server.url("/a")).what, outcome::kind::done);
    EXPECT_TRUE(has("x"));
    EXPECT_EQ(content(), "");
}

TEST_P(downloads, ask_for_nothing_when_the_file_exists) {
    raw_server server([](raw_connection& to, const std::string& head) {
        answer_rest(to, head);
        return true;
    });
    std::ofstream(temp / "x") << "mine";
    folder.emplace(temp.path().string());
    EXPECT_EQ(get(server.url("/a")).what, outcome::kind::exists);
    EXPECT_EQ(content(), "mine");
    EXPECT_TRUE(server.requests().empty());
    how.overwrite = true;
    EXPECT_EQ(get(server.url("/a")).what, outcome::kind::done);
    EXPECT_EQ(content(), body);
}

TEST_P(downloads, make_no_file_of_another_answer) {
    raw_server server([](raw_connection& to, const std::string& head) {
        to.answer(std::stoi(head.substr(head.find('/') + 1)), "a page that explains");
        return true;
    });
    for (const int status : {204, 206, 304, 400, 401, 404, 500, 503}) {
        const outcome result = get(server.url("/" + std::to_string(status)));
        EXPECT_EQ(result.what, outcome::kind::failed);
        EXPECT_THAT(result.cause, HasSubstr(std::to_string(status)));
        EXPECT_NE(result.hint, "");
        EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
    }
}

TEST_P(downloads, go_on_where_they_were_cut_off) {
    raw_server server(cut_once([](raw_connection& to, const std::string& head) {
        answer_rest(to, head);
        return true;
    }));
    leave_ten(server);
    EXPECT_EQ(get(server.url("/cut")).what, outcome::kind::done);
    EXPECT_EQ(content(), body);
    EXPECT_THAT(server.requests().at(1), HasSubstr("Range: bytes=10-\r\n"));
    EXPECT_THAT(server.requests().at(1), HasSubstr("If-Range: \"1\"\r\n"));
    EXPECT_FALSE(has("x.part"));
    EXPECT_FALSE(has("x.part.from"));
}

TEST_P(downloads, begin_anew_when_the_content_has_changed) {
    const std::string other = "another content";
    raw_server server(cut_once([&](raw_connection& to, const std::string&) {
        to.answer(200, other, "ETag: \"2\"\r\n");
        return true;
    }));
    leave_ten(server);
    EXPECT_EQ(get(server.url("/cut")).what, outcome::kind::done);
    EXPECT_EQ(content(), other);
}

TEST_P(downloads, believe_no_rest_that_does_not_fit) {
    const std::string rest = body.substr(10);
    for (const std::string lie :
         {"ETag: \"2\"\r\nContent-Range: bytes 10-19/20\r\n",
          "Content-Range: bytes 9-18/20\r\n",
          "Content-Range: bytes 10-19/21\r\n",
          "Content-Range: bytes 10-18/20\r\n",
          "Content-Range: bytes 10-18/*\r\n",
          "Content-Range: bytes 10-19\r\n",
          "X: no range at all\r\n"}) {
        raw_server server(cut_once([&](raw_connection& to, const std::string& head) {
            if (range_of(head) == 0)
                to.answer(200, body, tag);
            else
                to.answer(206, rest, lie);
            return true;
        }));
        leave_ten(server);
        const outcome result = get(server.url("/cut"));
        EXPECT_EQ(result.what, outcome::kind::failed) << lie;
        EXPECT_TRUE(std::filesystem::is_empty(temp.path())) << lie;
        EXPECT_EQ(get(server.url("/cut")).what, outcome::kind::done);
        EXPECT_EQ(content(), body);
        std::filesystem::remove(temp / "x");
    }
}

TEST_P(downloads, believe_no_rest_of_another_length) {
    for (const std::string sent : {"abc", "abcdefghijk"}) {
        raw_server server(cut_once([&](raw_connection& to, const std::string& head) {
            if (range_of(head) == 0)
                to.answer(200, body, tag);
            else
                to.answer(206, sent, tag + "Content-Range: bytes 10-19/20\r\n");
            return true;
        }));
        leave_ten(server);
        const outcome result = get(server.url("/cut"));
        EXPECT_EQ(result.what, outcome::kind::failed) << sent;
        EXPECT_THAT(result.cause, HasSubstr("the rest")) << sent;
        EXPECT_TRUE(std::filesystem::is_empty(temp.path())) << sent;
        EXPECT_EQ(get(server.url("/cut")).what, outcome::kind::done);
        std::filesystem::remove(temp / "x");
    }
}

TEST_P(downloads, begin_anew_when_the_rest_is_refused) {
    raw_server server(cut_once([](raw_connection& to, const std::string& head) {
        if (range_of(head) == 0)
            to.answer(200, body, tag);
        else
            to.answer(416, "", "Content-Range: bytes */5\r\n");
        return true;
    }));
    leave_ten(server);
    how.retries = 1;
    EXPECT_EQ(get(server.url("/cut")).what, outcome::kind::done);
    EXPECT_EQ(content(), body);
}

TEST_P(downloads, are_tried_again_and_go_on) {
    std::atomic<int> tries = 0;
    raw_server server([&](raw_connection& to, const std::string& head) {
        const std::size_t first = range_of(head);
        switch (tries++) {
        case 0:
            to.answer(503, "");
            return true;
        case 1:
            to.send("HTTP/1.1 200 x\r\n" + tag + "Content-Length: 20\r\n\r\n01234");
            return false;
        case 2:
            to.send(
                "HTTP/1.1 206 x\r\n" + tag +
                "Content-Length: 15\r\nContent-Range: bytes 5-19/20"
                "\r\n\r\n" +
                body.substr(first, 3)
            );
            to.reset();
            return false;
        default:
            answer_rest(to, head);
            return true;
        }
    });
    how.retries = 5;
    const outcome result = get(server.url("/a"));
    EXPECT_EQ(result.what, outcome::kind::done);
    EXPECT_EQ(result.attempts, 4U);
    EXPECT_EQ(content(), body);
    EXPECT_EQ(pauses.size(), 3U);
    EXPECT_TRUE(std::is_sorted(pauses.begin(), pauses.end()));
}

TEST_P(downloads, are_not_tried_again_when_that_is_in_vain) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(404, "");
        return true;
    });
    how.retries = 5;
    EXPECT_EQ(get(server.url("/a")).attempts, 1U);
    EXPECT_EQ(get("http://no-such-host.invalid/").attempts, 1U);
}

TEST_P(downloads, wait_as_long_as_the_server_asks) {
    how.retries = 1;
    how.overwrite = true;
    for (const int status : {429, 502}) {
        std::atomic<int> tries = 0;
        raw_server server([&](raw_connection& to, const std::string& head) {
            if (tries++ == 0)
                to.answer(status, "", "Retry-After: 1\r\n");
            else
                answer_rest(to, head);
            return true;
        });
        pauses.clear();
        const time_point begin = clock::now();
        EXPECT_EQ(get(server.url("/a")).what, outcome::kind::done);
        EXPECT_GE(clock::now() - begin, 1s);
        ASSERT_EQ(pauses.size(), 1U);
        EXPECT_GE(pauses[0], 1s);
        EXPECT_LT(pauses[0], 1200ms);
    }
}

TEST_P(downloads, do_not_wait_for_who_asks_too_much) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(503, "", "Retry-After: 100000\r\n");
        return true;
    });
    how.retries = 5;
    const outcome result = get(server.url("/a"));
    EXPECT_EQ(result.attempts, 1U);
    EXPECT_THAT(result.cause, HasSubstr("asks to wait 100000 s"));
}

TEST_P(downloads, take_no_longer_than_allowed) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.send("HTTP/1.1 200 x\r\n" + tag + "Content-Length: 20\r\n\r\n01234");
        to.wait_for_end();
        return false;
    });
    how.max_time = 100ms;
    const outcome result = get(server.url("/a"));
    EXPECT_EQ(result.what, outcome::kind::failed);
    EXPECT_THAT(result.cause, HasSubstr("within the time"));
    EXPECT_EQ(content("x.part"), "01234");
}

TEST_P(downloads, check_the_sum) {
    raw_server server(cut_once([](raw_connection& to, const std::string& head) {
        answer_rest(to, head);
        return true;
    }));
    sha256 hash;
    hash.update(std::as_bytes(std::span(body)));
    sum = hash.finish();
    leave_ten(server);
    EXPECT_EQ(get(server.url("/cut")).what, outcome::kind::done) << "what was there counts too";
    std::filesystem::remove(temp / "x");

    sum->front() ^= std::byte{1};
    const outcome result = get(server.url("/a"));
    EXPECT_EQ(result.what, outcome::kind::failed);
    EXPECT_THAT(result.cause, HasSubstr("SHA-256"));
    EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
}

TEST_P(downloads, send_the_headers_and_show_no_secret) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(401, "");
        return true;
    });
    how.headers = {"Authorization: Bearer word", "X-Other: 1"};
    const outcome result =
        get("http://user:word@127.0.0.1:" + std::to_string(server.port()) + "/?token=word");
    EXPECT_THAT(server.requests().at(0), HasSubstr("Authorization: Bearer word"));
    EXPECT_THAT(server.requests().at(0), HasSubstr("X-Other: 1"));
    EXPECT_THAT(result.cause + result.hint, Not(HasSubstr("word")));
}

TEST_P(downloads, that_are_stopped_can_be_continued) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (range_of(head) != 0) {
            answer_rest(to, head);
            return true;
        }
        to.send("HTTP/1.1 200 x\r\n" + tag + "Content-Length: 20\r\n\r\n01234");
        to.wait_for_end();
        return false;
    });
    run(
        [](borrowed<downloads> test, std::string text) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<downloads>& in, std::string& url) -> task<> {
                    const auto one = [](borrowed<downloads> t, std::string u) -> task<> {
                        (void)co_await t->download_to_x(u);
                    };
                    co_await jobs.spawn(one, in, url);
                    while (in->received.load() < 5)
                        co_await yield();
                    jobs.request_stop();
                },
                test,
                text
            );
        },
        borrowed<downloads>(*this),
        server.url("/a")
    );
    EXPECT_EQ(content("x.part"), "01234");
    EXPECT_EQ(get(server.url("/a")).what, outcome::kind::done);
    EXPECT_EQ(content(), body);
}

}  // namespace

}  // namespace amphi::fetch
