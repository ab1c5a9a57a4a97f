// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>

#include "support/program.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

namespace amphi::cli {

namespace {

using namespace amphi::testing;
using namespace std::chrono_literals;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::string path_of(const std::string& head) {
    const std::size_t begin = head.find(' ') + 1;
    return head.substr(begin, head.find(' ', begin) - begin);
}

/// A server whose files say their own names; "/no..." are not there.
bool answer_name(raw_connection& to, const std::string& head) {
    const std::string path = path_of(head);
    if (path.starts_with("/no"))
        to.answer(404, "");
    else
        to.answer(200, path);
    return true;
}

class amphi_get : public ::testing::TestWithParam<const char*> {
public:
    [[nodiscard]] std::vector<std::string> words(std::vector<std::string> more) const {
        return words_into(temp.path().string(), std::move(more));
    }
    [[nodiscard]] static std::vector<std::string>
    words_into(const std::string& folder, std::vector<std::string> more) {
        std::vector<std::string> all{
            AMPHI_COMMAND, "get", "--on", GetParam(), "-o", folder, "--retries", "0"
        };
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] std::string content(const std::string& name) const {
        std::ifstream in(temp / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    temp_folder temp;
};
INSTANTIATE_TEST_SUITE_P(
    lives,
    amphi_get,
    ::testing::Values("threads", "async"),
    [](const ::testing::TestParamInfo<const char*>& life) { return std::string(life.param); }
);

TEST_P(amphi_get, downloads_what_it_is_given) {
    raw_server server(answer_name);
    program get(words({server.url("/a"), server.url("/b/c")}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_EQ(content("a"), "/a");
    EXPECT_EQ(content("c"), "/b/c");
    EXPECT_EQ(get.output(), "");
    EXPECT_THAT(get.errors(), HasSubstr("2 files, 6 B"));
}

TEST_P(amphi_get, fetches_everything_that_can_be_fetched) {
    raw_server server(answer_name);
    program get(words({"-i", "-"}));
    std::ofstream(temp / "here") << "mine";
    get.write("garbage\n\x1b[31m\n" + server.url("/a") + "\n" + server.url("/none") + "\n");
    get.write("http://127.0.0.1:1/refused\n" + server.url("/%2e%2e%2fx") + "\n");
    get.write(server.url("/other/a") + "\n" + server.url("/here") + "\n" + server.url("/b"));
    get.close_input();
    EXPECT_EQ(get.wait(), 1);
    EXPECT_EQ(content("a"), "/a");
    EXPECT_EQ(content("b"), "/b");
    EXPECT_EQ(content("here"), "mine");
    const std::string& said = get.errors();
    EXPECT_THAT(said, HasSubstr("URL 1, garbage: no URL"));
    EXPECT_THAT(said, HasSubstr("URL 2, \\x1b[31m: no URL"));
    EXPECT_THAT(said, HasSubstr(server.url("/none") + ": the server answered 404"));
    EXPECT_THAT(said, HasSubstr("http://127.0.0.1:1/refused: connect to 127.0.0.1 port 1"));
    EXPECT_THAT(said, HasSubstr("would lead to another folder"));
    EXPECT_THAT(said, HasSubstr("\"a\" is taken by " + server.url("/a")));
    EXPECT_THAT(said, HasSubstr("/here exists (use --overwrite"));
    EXPECT_THAT(said, HasSubstr("2 files"));
    EXPECT_THAT(said, HasSubstr("1 existed, 6 failed"));
    EXPECT_THAT(said, Not(HasSubstr("\x1b")));
}

TEST_P(amphi_get, begins_before_its_list_ends) {
    raw_server server(answer_name);
    program get(words({"-i", "-"}));
    get.write(server.url("/a") + "\n");
    server.wait_for_requests(1);
    get.write(server.url("/b") + "\n");
    get.close_input();
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_EQ(content("b"), "/b");
}

TEST_P(amphi_get, of_an_empty_list_says_so) {
    program get(words({"-i", "/dev/null"}));
    EXPECT_EQ(get.wait(), 0);
    EXPECT_THAT(get.errors(), HasSubstr("the list names no URL"));
}

TEST_P(amphi_get, keeps_to_its_limit_a_host) {
    std::atomic<int> now = 0;
    std::atomic<int> most = 0;
    raw_server server([&](raw_connection& to, const std::string& head) {
        const int running = ++now;
        int before = most;
        while (before < running && !most.compare_exchange_weak(before, running)) {
        }
        std::this_thread::yield();
        --now;
        return answer_name(to, head);
    });
    program get(words({"-i", "-", "--per-host", "2"}));
    for (int i = 0; i < 200; ++i)
        get.write(server.url("/" + std::to_string(i)) + "\n");
    get.close_input();
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_LE(most, 2);
    EXPECT_LE(server.connections(), 4U) << "two of each worker";
}

TEST_P(amphi_get, ends_by_a_signal_and_goes_on_later) {
    const std::string whole(3'000'000, 'x');
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        raw_server server([&](raw_connection& to, const std::string& head) {
            const std::size_t at = head.find("Range: bytes=");
            if (at != std::string::npos) {
                const std::size_t first = std::stoul(head.substr(at + 13));
                to.answer(
                    206,
                    whole.substr(first),
                    "ETag: \"1\"\r\nContent-Range: bytes " + std::to_string(first) +
                        "-2999999/3000000\r\n"
                );
                return true;
            }
            to.send("HTTP/1.1 200 x\r\nETag: \"1\"\r\nContent-Length: 3000000\r\n\r\n");
            to.send(whole.substr(0, 1'000'000));
            to.wait_for_end();
            return false;
        });
        program get(words({server.url("/a")}));
        while (!std::filesystem::exists(temp / "a.part") ||
               std::filesystem::file_size(temp / "a.part") < 500'000)
            std::this_thread::yield();
        const auto begin = std::chrono::steady_clock::now();
        get.signal(signal);
        EXPECT_EQ(get.wait(), 128 + signal);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
        EXPECT_THAT(get.errors(), HasSubstr("stopped by SIG"));

        program again(words({server.url("/a")}));
        EXPECT_EQ(again.wait(), 0) << again.errors();
        EXPECT_TRUE(content("a") == whole);
        EXPECT_EQ(server.requests().size(), 2U);
        std::filesystem::remove(temp / "a");
    }
}

TEST_P(amphi_get, ends_by_a_signal_while_it_waits_for_its_list) {
    program get(words({"-i", "-"}));
    raw_server server(answer_name);
    get.write(server.url("/a") + "\n");
    server.wait_for_requests(1);
    get.signal(SIGTERM);
    EXPECT_EQ(get.wait(), 128 + SIGTERM);
}

TEST_P(amphi_get, manages_with_few_descriptors) {
    raw_server server(answer_name);
    program get(words({"-i", "-", "-j", "1000", "--per-host", "0"}), [] {
        const rlimit few{64, 64};
        ::setrlimit(RLIMIT_NOFILE, &few);
    });
    for (int i = 0; i < 300; ++i)
        get.write(server.url("/" + std::to_string(i)) + "\n");
    get.close_input();
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_THAT(get.errors(), HasSubstr("instead of 1000: raise the limit of descriptors"));
    EXPECT_EQ(content("299"), "/299");
}

TEST_P(amphi_get, says_when_a_file_may_not_grow) {
    const std::string whole(200'000, 'x');
    raw_server server([&](raw_connection& to, const std::string& head) {
        to.answer(200, path_of(head) == "/big" ? whole : "small");
        return true;
    });
    const auto limit = [] {
        const rlimit small{100'000, 100'000};
        ::setrlimit(RLIMIT_FSIZE, &small);
    };
    program get(words({server.url("/big"), server.url("/small")}), limit);
    EXPECT_EQ(get.wait(), 1);
    EXPECT_THAT(get.errors(), HasSubstr("File too large"));
    EXPECT_THAT(get.errors(), HasSubstr("ulimit -f"));
    EXPECT_EQ(std::filesystem::file_size(temp / "big.part"), 100'000U) << "the limit has bitten";
    EXPECT_EQ(content("small"), "small");
}

/// A disk of 1 MB in memory, where this process may mount one.
class small_disk {
public:
    explicit small_disk(const std::filesystem::path& below) : path_((below / "disk").string()) {
        std::filesystem::create_directory(path_);
        mounted_ = ::mount("none", path_.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;
    ~small_disk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    [[nodiscard]] bool is_there() const noexcept { return mounted_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    bool mounted_ = false;
};

TEST_P(amphi_get, says_when_a_disk_is_full) {
    const small_disk disk(temp.path());
    if (!disk.is_there()) GTEST_SKIP() << "this process may not mount a disk";
    const std::string whole(3'000'000, 'x');
    raw_server server([&](raw_connection& to, const std::string& head) {
        to.answer(200, path_of(head) == "/big" ? whole : "small", "ETag: \"1\"\r\n");
        return true;
    });
    program get(words_into(disk.path(), {server.url("/small"), server.url("/big")}));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_THAT(get.errors(), HasSubstr("No space left on device"));
    EXPECT_THAT(get.errors(), HasSubstr("make room"));
    EXPECT_TRUE(std::filesystem::exists(disk.path() + "/small"));
    EXPECT_GT(std::filesystem::file_size(disk.path() + "/big.part"), 500'000U);
}

TEST_P(amphi_get, goes_on_after_a_full_disk_has_room_again) {
    const small_disk disk(temp.path());
    if (!disk.is_there()) GTEST_SKIP() << "this process may not mount a disk";
    const std::string whole(900'000, 'x');
    raw_server server([&](raw_connection& to, const std::string& head) {
        const std::size_t at = head.find("Range: bytes=");
        if (at == std::string::npos) {
            to.answer(200, whole, "ETag: \"1\"\r\n");
        } else {
            const std::size_t first = std::stoul(head.substr(at + 13));
            const std::string range = std::to_string(first) + "-899999/900000\r\n";
            to.answer(206, whole.substr(first), "Content-Range: bytes " + range);
        }
        return true;
    });
    std::ofstream(disk.path() + "/other") << std::string(400'000, 'y');
    const std::vector<std::string> asked = words_into(disk.path(), {server.url("/a")});
    program full(asked);
    EXPECT_EQ(full.wait(), 1);
    EXPECT_THAT(full.errors(), HasSubstr("run it again to continue"));
    std::filesystem::remove(disk.path() + "/other");
    program again(asked);
    EXPECT_EQ(again.wait(), 0) << again.errors();
    EXPECT_THAT(server.requests().back(), HasSubstr("Range: bytes="));
    EXPECT_EQ(std::filesystem::file_size(disk.path() + "/a"), 900'000U);
}

TEST_P(amphi_get, says_when_a_folder_is_not_its_to_write_to) {
    const temp_folder closed;
    std::filesystem::permissions(closed.path(), std::filesystem::perms(0555));
    program get(words_into(closed.path().string(), {"http://127.0.0.1:1/a"}), [] {
        if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(126);
    });
    EXPECT_EQ(get.wait(), 1);
    EXPECT_THAT(get.errors(), HasSubstr("write to folder"));
    EXPECT_THAT(get.errors(), HasSubstr("Permission denied (choose another folder"));
}

TEST_P(amphi_get, writes_one_url_where_it_is_told) {
    raw_server server(answer_name);
    program named(words({"-O", "my name", server.url("/%2e%2e%2fa")}));
    EXPECT_EQ(named.wait(), 0) << named.errors();
    EXPECT_EQ(content("my name"), "/%2e%2e%2fa");

    program printed(words({"-O", "-", server.url("/a")}));
    EXPECT_EQ(printed.wait(), 0) << printed.errors();
    EXPECT_EQ(printed.output(), "/a");
}

TEST_P(amphi_get, says_what_to_try_whatever_the_system_refused) {
    raw_server server(answer_name);
    std::filesystem::create_directory(temp / "a.part");
    std::filesystem::create_directory(temp / "b");
    program get(words({server.url("/a"), server.url("/b"), "--overwrite"}));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_THAT(get.errors(), HasSubstr("a.part: Is a directory (move away"));
    EXPECT_THAT(get.errors(), HasSubstr("b.part: Is a directory (move away"));

    program nowhere(words_into((temp / "none").string(), {server.url("/a")}));
    EXPECT_EQ(nowhere.wait(), 1);
    EXPECT_THAT(nowhere.errors(), HasSubstr("No such file or directory (make the folder"));
}

TEST_P(amphi_get, downloads_what_a_list_names_before_it_becomes_garbage) {
    raw_server server(answer_name);
    const temp_folder other;
    std::ofstream(other / "list") << server.url("/a") + "\n" + std::string(200'000, 'x');
    program get(words({"-i", (other / "list").string()}));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_EQ(content("a"), "/a");
    EXPECT_THAT(get.errors(), HasSubstr("a line is longer"));
    EXPECT_THAT(get.errors(), HasSubstr("(-i wants a file of URLs"));
}

TEST_P(amphi_get, does_not_claim_to_remove_what_it_has_printed) {
    raw_server server(answer_name);
    program get(words({"-O", "-", "--sha256", std::string(64, '0'), server.url("/a")}));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_THAT(get.errors(), HasSubstr("another one than was asked for; do not use"));
}

TEST_P(amphi_get, waits_for_a_slow_reader_of_its_output) {
    std::string whole(5'000'000, '\0');
    for (std::size_t i = 0; i < whole.size(); ++i)
        whole[i] = static_cast<char>(i % 251);
    raw_server server([&](raw_connection& to, const std::string&) {
        to.answer(200, whole);
        return true;
    });
    program get(words({"-O", "-", server.url("/a")}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_TRUE(get.output() == whole);
}

// As `| head` does: one that has read enough, and one that has never read.
TEST_P(amphi_get, says_when_nobody_reads_its_output_any_more) {
    const std::string whole(5'000'000, 'x');
    raw_server server([&](raw_connection& to, const std::string&) {
        to.answer(200, whole);
        return true;
    });
    for (const ssize_t wanted : {1, 0}) {
        int ends[2];
        ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        descriptor reader(ends[0]);
        descriptor writer(ends[1]);
        program get(words({"-O", "-", server.url("/a")}), [&] {
            std::signal(SIGPIPE, SIG_DFL);
            ::dup2(writer.get(), STDOUT_FILENO);
        });
        writer.reset();
        char byte = 0;
        EXPECT_EQ(::read(reader.get(), &byte, static_cast<std::size_t>(wanted)), wanted);
        reader.reset();
        EXPECT_EQ(get.wait(), 1);
        EXPECT_THAT(get.errors(), HasSubstr("write to standard output: Broken pipe"));
        EXPECT_THAT(get.errors(), HasSubstr("(who reads it must read to its end)"));
    }
}

TEST_P(amphi_get, tells_programs_one_object_an_event) {
    raw_server server(answer_name);
    program get(words({"--json", server.url("/a"), server.url("/none"), "\"x"}));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_EQ(get.errors(), "");
    EXPECT_THAT(get.output(), HasSubstr(R"({"event":"done","url":")" + server.url("/a") + "\""));
    EXPECT_THAT(get.output(), HasSubstr(R"({"event":"failed","url":")" + server.url("/none")));
    EXPECT_THAT(get.output(), HasSubstr(R"({"event":"start","url":")" + server.url("/a") + "\""));
    EXPECT_THAT(get.output(), HasSubstr(R"("attempt":1})"));
    EXPECT_THAT(get.output(), ContainsRegex(R"("status":200,"resolve_us":[0-9]+,"connect_us":)"));
    EXPECT_THAT(
        get.output(), ContainsRegex(R"("tls_us":0,"first_byte_us":[0-9]+,"total_us":[1-9])")
    );
    EXPECT_THAT(get.output(), HasSubstr(R"("status":404)"));
    EXPECT_THAT(get.output(), HasSubstr(R"("number":3,"url":"\"x","cause":"no URL)"));
    EXPECT_THAT(
        get.output(),
        HasSubstr(R"({"event":"summary","done":1,"unchanged":0,"existed":0,"failed":2)")
    );
}

TEST_P(amphi_get, is_quiet_about_what_went_well) {
    raw_server server(answer_name);
    program well(words({"--quiet", server.url("/a")}));
    EXPECT_EQ(well.wait(), 0);
    EXPECT_EQ(well.errors() + well.output(), "");
    program ill(words({"--quiet", server.url("/none")}));
    EXPECT_EQ(ill.wait(), 1);
    EXPECT_THAT(ill.errors(), HasSubstr("404"));
}

TEST_P(amphi_get, is_loud_about_trusting_anybody) {
    raw_server server(answer_name);
    program get(words({"--quiet", "--insecure", server.url("/a")}));
    EXPECT_EQ(get.wait(), 0);
    EXPECT_THAT(get.errors(), HasSubstr("anybody on the way can read and change"));
}

TEST_P(amphi_get, sends_each_header_it_is_given) {
    raw_server server(answer_name);
    program get(words({"--header", "X-One: 1", "--header", "X-Two: 2", server.url("/a")}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_THAT(server.requests().at(0), HasSubstr("X-One: 1\r\n"));
    EXPECT_THAT(server.requests().at(0), HasSubstr("X-Two: 2\r\n"));
}

TEST_P(amphi_get, uses_no_descriptor_of_its_own_as_a_stream_that_was_closed) {
    raw_server server(answer_name);
    const auto close_all = [] {
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::close(stream);
    };
    // What it says must not end up in what it downloads.
    program silent(words({server.url("/a"), server.url("/none")}), close_all);
    EXPECT_EQ(silent.wait(), 1);
    EXPECT_EQ(content("a"), "/a");
    for (const std::vector<std::string>& asked :
         std::vector<std::vector<std::string>>{{"-O", "-", server.url("/a")}, {"-i", "-"}}) {
        program get(words(asked), [] {
            ::close(STDIN_FILENO);
            ::close(STDOUT_FILENO);
        });
        EXPECT_EQ(get.wait(), 1);
        EXPECT_THAT(get.errors(), HasSubstr("Bad file descriptor"));
    }
}

TEST_P(amphi_get, explains_bad_usage) {
    const std::string url = "http://127.0.0.1:1/a";
    for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
             {},
             {"-O", "x", url, url},
             {"-O", "x", "-i", "-"},
             {"--sha256", "12", url},
             {"-j", "0", url},
             {"-j", "many", url},
             {"--stall-timeout", "5", url},
             {"--header", "no colon", url},
             {"--rate-per-host", "10", "--limit", "0", url},
             {"--rate-per-host", "often", url},
             {"--rate-per-host", "0/s", url},
             {"--limit", "fast", url},
             {"--max-size", "0", url},
             {"--max-size", "big", url},
             {"--input-format", "xml", url},
             {"--limit", "5XB", url},
             {"--limit", "500KB/seconds", url},
             {"--refresh", "--overwrite", url},
             {"-O", ".amphi-manifest", url},
             {"--cacert", "/no/such/file", url},
             {"--unknown", url}
         }) {
        program get(words(wrong));
        EXPECT_EQ(get.wait(), 2) << get.errors();
        EXPECT_NE(get.errors(), "");
    }
}

}  // namespace

}  // namespace amphi::cli
