// SPDX-License-Identifier: BSL-1.0
#include "get_in_lives.hpp"
#include "support/program.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace amphi::cli {

namespace {

using namespace amphi::testing;
using ::testing::HasSubstr;
using ::testing::Not;

class amphi_get_access : public get_in_lives {
public:
    [[nodiscard]] std::string file_of(const std::string& name, const std::string& text) const {
        std::ofstream(other / name) << text;
        return (other / name).string();
    }
    [[nodiscard]] std::string content(const std::string& name) const {
        return content_of(temp / name);
    }
    static std::string host_of(const raw_server& server) {
        return "127.0.0.1:" + std::to_string(server.port());
    }
};
INSTANTIATE_TEST_SUITE_P(
    lives,
    amphi_get_access,
    ::testing::Values("threads", "async"),
    [](const ::testing::TestParamInfo<const char*>& life) { return std::string(life.param); }
);

bool answer_ok(raw_connection& to, const std::string&) {
    to.answer(200, "x");
    return true;
}

// Whoever is redirected to learns nothing, nor does another host of the list, nor who reads along.
TEST_P(amphi_get_access, keeps_each_secret_for_its_host) {
    raw_server elsewhere(answer_ok);
    raw_server server([&](raw_connection& to, const std::string& head) {
        if (head.starts_with("GET /there"))
            to.answer(302, "", "Location: " + elsewhere.url("/stolen") + "\r\n");
        else if (head.starts_with("GET /here"))
            to.answer(302, "", "Location: /kept\r\n");
        else
            to.answer(403, "");
        return true;
    });
    const std::string cookies =
        file_of("cookies", "127.0.0.1\tFALSE\t/\tFALSE\t0\tname\tcook-word\n");
    const auto set_secret = [] { ::setenv("SECRET_WORD", "bear-word", 1); };
    program get(
        words(
            {"--json",
             "--bearer",
             host_of(server) + "=env:SECRET_WORD",
             "--cookies",
             cookies,
             server.url("/there"),
             server.url("/here"),
             elsewhere.url("/own")}
        ),
        set_secret
    );
    EXPECT_EQ(get.wait(), 1);
    for (const std::string& head : server.requests()) {
        EXPECT_THAT(head, HasSubstr("Authorization: Bearer bear-word\r\n"));
        EXPECT_THAT(head, HasSubstr("Cookie: name=cook-word\r\n"));
    }
    EXPECT_EQ(server.requests().size(), 3U);
    for (const std::string& head : elsewhere.requests()) {
        EXPECT_THAT(head, Not(HasSubstr("bear-word")));
        const bool is_stolen = head.starts_with("GET /stolen");
        EXPECT_EQ(head.find("cook-word") == std::string::npos, is_stolen) << head;
    }
    EXPECT_EQ(elsewhere.requests().size(), 2U);
    EXPECT_THAT(get.output() + get.errors(), Not(HasSubstr("-word")));
    EXPECT_THAT(content(".amphi-manifest"), Not(HasSubstr("-word")));
}

TEST_P(amphi_get_access, logs_in_by_a_netrc_and_by_a_file) {
    raw_server server(answer_ok);
    const std::string netrc = file_of("netrc", "machine 127.0.0.1 login me password pw\n");
    program get(words({"--netrc-file", netrc, server.url("/a")}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_THAT(server.requests().at(0), HasSubstr("Authorization: Basic bWU6cHc=\r\n"));
    const std::string login = "=file:" + file_of("login", "user:pass\n");
    program basic(words({"--basic", host_of(server) + login, server.url("/b")}));
    EXPECT_EQ(basic.wait(), 0) << basic.errors();
    EXPECT_THAT(server.requests().at(1), HasSubstr("Authorization: Basic dXNlcjpwYXNz\r\n"));
}

TEST_P(amphi_get_access, sends_the_lines_of_a_file) {
    raw_server server(answer_ok);
    const std::string lines = file_of("lines", "# remark\nX-One: 1\r\n\nX-Two: 2");
    program get(words({"--header-file", lines, server.url("/a")}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_THAT(server.requests().at(0), HasSubstr("X-One: 1\r\n"));
    EXPECT_THAT(server.requests().at(0), HasSubstr("X-Two: 2\r\n"));
    const std::string bad = file_of("bad", "X: 1\nword\n");
    program refused(words({"--header-file", bad, server.url("/a")}));
    EXPECT_EQ(refused.wait(), 2);
    EXPECT_THAT(refused.errors(), HasSubstr("line 2"));
    EXPECT_THAT(refused.errors(), Not(HasSubstr("word")));
}

TEST_P(amphi_get_access, goes_through_a_proxy_or_through_none) {
    raw_server proxy(answer_ok);
    program get(words({"--proxy", proxy.url(""), "http://no-such-host.invalid/a"}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_THAT(proxy.requests().at(0), HasSubstr("GET http://no-such-host.invalid/a HTTP/1.1"));
    raw_server server(answer_ok);
    program direct(words({"--proxy", "none", server.url("/b")}), [&] {
        ::setenv("http_proxy", proxy.url("").c_str(), 1);
    });
    EXPECT_EQ(direct.wait(), 0) << direct.errors();
    EXPECT_EQ(proxy.requests().size(), 1U);
    program given(words({"--proxy", proxy.url(""), server.url("/given")}), [] {
        ::setenv("no_proxy", "*", 1);
    });
    EXPECT_EQ(given.wait(), 0) << given.errors();
    EXPECT_EQ(proxy.requests().size(), 2U) << "no_proxy is for those of the environment";
    program unclear(words({"http://no-such-host.invalid/c"}), [] {
        ::setenv("http_proxy", "http://pu:SECRET#PW@127.0.0.1:1", 1);
    });
    EXPECT_EQ(unclear.wait(), 1);
    EXPECT_THAT(unclear.errors(), HasSubstr("the proxy's address is not understood"));
    EXPECT_THAT(unclear.errors(), HasSubstr("http_proxy"));
    EXPECT_THAT(unclear.errors(), Not(HasSubstr("SECRET")));
    program dead(words({"--proxy", "http://127.0.0.1:1", server.url("/c")}));
    EXPECT_EQ(dead.wait(), 1);
    EXPECT_THAT(dead.errors(), HasSubstr("connect to the proxy: Connection refused"));
}

TEST_P(amphi_get_access, believes_an_address_that_it_is_given) {
    raw_server server(answer_ok);
    const std::string place = "no-such-host.invalid:" + std::to_string(server.port());
    program get(words({"--resolve", place + ":127.0.0.1", "http://" + place + "/a"}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_THAT(server.requests().at(0), HasSubstr("Host: " + place));
    program spared(words({"--resolve", place + ":127.0.0.1", "http://" + place + "/c"}), [] {
        ::setenv("http_proxy", "http://127.0.0.1:1", 1);
        ::setenv("no_proxy", "no-such-host.invalid", 1);
    });
    EXPECT_EQ(spared.wait(), 0) << spared.errors();
    program no_other_port(words({"--resolve", place + "1:127.0.0.1", "http://" + place + "/b"}));
    EXPECT_EQ(no_other_port.wait(), 2) << "no port has so many digits";
}

TEST_P(amphi_get_access, ends_at_its_deadline) {
    raw_server slow([](raw_connection& to, const std::string&) {
        to.wait_for_end();
        return false;
    });
    for (const char* const style : {"--quiet", "--json"}) {
        program get(words({style, "--deadline", "100ms", slow.url("/a"), slow.url("/b")}));
        EXPECT_EQ(get.wait(), 1);
        EXPECT_THAT(get.errors() + get.output(), HasSubstr("the deadline has come"));
    }
    raw_server fast(answer_ok);
    program get(words({"--deadline", "1h", fast.url("/a")}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
}

TEST_P(amphi_get_access, explains_bad_usage_and_repeats_no_secret) {
    const std::string url = "http://127.0.0.1:1/a";
    for (const auto& [option, value] : std::vector<std::pair<std::string, std::string>>{
             {"--bearer", "s3cret"},
             {"--bearer", "host=s3cret"},
             {"--bearer", "host=env:AMPHI_NONE"},
             {"--basic", "host=file:/no/such/file"},
             {"--basic", "host=file:" + file_of("login", "s3cret\n")},
             {"--netrc-file", "/no/such/file"},
             {"--netrc-file", file_of("netrc", "s3cret")},
             {"--cookies", file_of("cookies", "s3cret")},
             {"--header-file", "/no/such/file"},
             {"--proxy", "http://user:s3cret@host:1"},
             {"--proxy", "ftp://host"},
             {"--resolve", "host:80"},
             {"--resolve", "host:80:elsewhere"},
             {"--deadline", "5"}
         }) {
        program get(words({option, value, url}));
        EXPECT_EQ(get.wait(), 2) << option << " " << value << get.errors();
        EXPECT_THAT(get.errors(), HasSubstr(option));
        EXPECT_THAT(get.errors(), Not(HasSubstr("s3cret"))) << option;
    }
}

}  // namespace

}  // namespace amphi::cli
