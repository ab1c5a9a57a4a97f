// SPDX-License-Identifier: BSL-1.0
#include "fetch/download.hpp"
#include "support/borrowed.hpp"
#include "support/lives.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace amphi::fetch {

namespace {

using namespace amphi::testing;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";

/// Downloads "x", each time as a run of its own with what the ones before have left.
class second_runs : public each_life, public retry_listener {
public:
    second_runs() { how.retries = 0; }

    outcome get(const std::string& url) {
        const outcome result =
            run([](borrowed<second_runs> test, std::string text
                ) -> task<outcome> { co_return co_await test->download_to_x(text); },
                borrowed<second_runs>(*this),
                url);
        if (result.what == outcome::kind::done) remember(url, result);
        return result;
    }
    task<outcome> download_to_x(std::string url) {
        wanted_file what(http::url(url), "x");
        what.sha256 = sum;
        const target_folder folder(temp.path().string());
        const manifest known(folder);
        download_site at(folder, how, received, *this);
        at.known = &known;
        at.recorder = recorder;
        co_return co_await download(what, at);
    }
    void remember(const std::string& url, const outcome& result) const {
        manifest_entry entry;
        entry.key = manifest_key(http::url(url));
        entry.path = "x";
        entry.size = result.bytes;
        entry.etag = result.etag;
        entry.last_modified = result.last_modified;
        entry.sha256 = result.sha256;
        const target_folder folder(temp.path().string());
        manifest(folder).add(entry);
    }
    [[nodiscard]] std::string content() const {
        std::ifstream in(temp / "x", std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& text) const { std::ofstream(temp / "x") << text; }

    temp_folder temp;
    settings how;
    counter received{0};
    std::optional<sha256_digest> sum;
    download_recorder* recorder = nullptr;

private:
    void retrying(const http::url&, const outcome&, std::chrono::milliseconds) override {}
};
INSTANTIATE_TEST_SUITE_P(lives, second_runs, all_lives(), name_of_life);

/// Writes down in vain while the disk is full.
class full_disk final : public download_recorder {
public:
    explicit full_disk(std::filesystem::path file) : file_(std::move(file)) {}
    void completing(const wanted_file& what, const outcome& result) override {
        EXPECT_EQ(what.name, "x");
        tags.push_back(std::filesystem::exists(file_) ? result.etag + "!" : result.etag);
        if (is_full) throw std::system_error(ENOSPC, std::generic_category(), "write");
    }

    bool is_full = true;
    std::vector<std::string> tags;

private:
    std::filesystem::path file_;
};

/// Content with a tag of its own; a client that has it is told so.
class versioned_server {
public:
    std::string content = "first";
    std::string fields = "ETag: \"first\"\r\n";
    raw_server server{[this](raw_connection& to, const std::string& head) {
        if (head.find("\r\nIf-None-Match: \"" + content + "\"\r\n") != std::string::npos ||
            head.find("\r\nIf-Modified-Since: " + date + "\r\n") != std::string::npos)
            to.send("HTTP/1.1 304 x\r\n" + fields + "\r\n");
        else
            to.answer(200, content, fields);
        return true;
    }};
    std::string url = server.url("/x");
};

TEST_P(second_runs, ask_for_nothing_that_is_there) {
    versioned_server there;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    const outcome again = get(there.url);
    EXPECT_EQ(again.what, outcome::kind::unchanged);
    EXPECT_EQ(again.file, (temp / "x").string());
    EXPECT_EQ(there.server.requests().size(), 1U);
    // That of another URL is none of this one's.
    EXPECT_EQ(get(there.server.url("/other")).what, outcome::kind::exists);
    how.overwrite = true;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    EXPECT_EQ(there.server.requests().size(), 2U);
}

TEST_P(second_runs, find_no_file_that_could_not_be_written_down) {
    versioned_server there;
    full_disk disk(temp / "x");
    recorder = &disk;
    EXPECT_THAT(get(there.url).cause, HasSubstr("No space left"));
    EXPECT_FALSE(std::filesystem::exists(temp / "x"));
    EXPECT_TRUE(std::filesystem::exists(temp / "x.part"));
    disk.is_full = false;
    how.durable = true;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    EXPECT_EQ(disk.tags, (std::vector<std::string>{"\"first\"", "\"first\""})) << "before";
    // The old file is not said to be the new one, should it be the last that happens.
    disk.tags.clear();
    how.overwrite = true;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    EXPECT_EQ(disk.tags, (std::vector<std::string>{"!", "\"first\"!"}));
}

TEST_P(second_runs, fetch_what_is_gone_and_leave_what_somebody_has_changed) {
    versioned_server there;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    std::filesystem::remove(temp / "x");
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    for (const bool refresh : {false, true}) {
        how.refresh = refresh;
        write("something of mine");
        EXPECT_EQ(get(there.url).what, outcome::kind::exists);
        std::filesystem::remove(temp / "x");
        std::filesystem::create_symlink("/etc/passwd", temp / "x");
        EXPECT_EQ(get(there.url).what, outcome::kind::exists);
        std::filesystem::remove(temp / "x");
    }
}

TEST_P(second_runs, that_refresh_replace_what_has_changed_alone) {
    versioned_server there;
    how.refresh = true;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    EXPECT_THAT(there.server.requests().back(), Not(HasSubstr("If-None-Match")));
    EXPECT_EQ(get(there.url).what, outcome::kind::unchanged);
    there.content = "later";
    there.fields = "ETag: \"later\"\r\n";
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    EXPECT_EQ(content(), "later");
    EXPECT_EQ(get(there.url).what, outcome::kind::unchanged);
    EXPECT_EQ(there.server.requests().size(), 4U);
}

TEST_P(second_runs, that_refresh_go_by_a_date_or_by_nothing) {
    versioned_server there;
    there.fields = "Last-Modified: " + date + "\r\n";
    how.refresh = true;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    EXPECT_EQ(get(there.url).what, outcome::kind::unchanged);
    EXPECT_THAT(there.server.requests().back(), HasSubstr("If-Modified-Since: " + date));
    std::filesystem::remove(temp / "x");
    there.fields = "";
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    EXPECT_EQ(get(there.url).what, outcome::kind::done) << "nobody can tell";
    EXPECT_EQ(content(), "first");
}

TEST_P(second_runs, that_refresh_keep_the_old_file_when_it_fails) {
    std::atomic<bool> broken{false};
    raw_server server([&](raw_connection& to, const std::string&) {
        if (!broken)
            to.answer(200, "first", "ETag: \"1\"\r\n");
        else
            to.send("HTTP/1.1 200 x\r\nETag: \"2\"\r\nContent-Length: 9\r\n\r\nsec");
        return !broken;
    });
    EXPECT_EQ(get(server.url("/x")).what, outcome::kind::done);
    broken = true;
    how.refresh = true;
    EXPECT_EQ(get(server.url("/x")).what, outcome::kind::failed);
    EXPECT_EQ(content(), "first");
}

TEST_P(second_runs, believe_no_304_that_they_did_not_ask_for) {
    raw_server server([&](raw_connection& to, const std::string&) {
        to.send("HTTP/1.1 304 x\r\n\r\n");
        return true;
    });
    how.refresh = true;
    const outcome result = get(server.url("/x"));
    EXPECT_EQ(result.what, outcome::kind::failed);
    EXPECT_THAT(result.cause, HasSubstr("304"));
}

TEST_P(second_runs, check_a_sum_that_is_asked_for_later) {
    versioned_server there;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    sha256 hash;
    hash.update(std::as_bytes(std::span(there.content)));
    sum = hash.finish();
    EXPECT_EQ(get(there.url).what, outcome::kind::unchanged);
    write("fIrst");
    const outcome bad = get(there.url);
    EXPECT_EQ(bad.what, outcome::kind::failed);
    EXPECT_THAT(bad.cause, HasSubstr("another SHA-256"));
    EXPECT_EQ(there.server.requests().size(), 1U);
    how.overwrite = true;
    EXPECT_EQ(get(there.url).what, outcome::kind::done);
    EXPECT_EQ(content(), "first");
}

}  // namespace

}  // namespace amphi::fetch
