// SPDX-License-Identifier: BSL-1.0
#include "serve/folder.hpp"
#include "support/temp_folder.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace amphi::serve {
namespace {

using confinement = folder::confinement;

/// Each way of keeping a path inside.
class folder_test : public ::testing::TestWithParam<confinement> {
public:
    folder_test() {
        std::filesystem::create_directories(temp_ / "served/sub");
        write("served/a", "aaa");
        write("served/sub/b", "bb");
        write("secret", "s");
    }

    void write(const std::string& name, const std::string& text) {
        std::ofstream(temp_ / name) << text;
    }
    void link(const std::string& to, const std::string& name) {
        std::filesystem::create_symlink(to, temp_ / name);
    }
    [[nodiscard]] folder served() const { return folder(temp_ / "served", GetParam()); }

    /// Zero when it could be opened.
    [[nodiscard]] int error_of_open(const std::string& path) const {
        try {
            (void)served().open(path);
        } catch (const std::system_error& error) {
            return error.code().value();
        }
        return 0;
    }

    testing::temp_folder temp_;
};

INSTANTIATE_TEST_SUITE_P(
    ways,
    folder_test,
    ::testing::Values(confinement::kernel, confinement::steps),
    [](const auto& way) { return way.param == confinement::kernel ? "kernel" : "steps"; }
);

TEST_P(folder_test, opens_files_at_any_depth_with_their_size) {
    EXPECT_EQ(served().open("a").size(), 3U);
    EXPECT_EQ(served().open("sub/b").size(), 2U);
    EXPECT_EQ(served().open("sub//./b").size(), 2U);
}

TEST_P(folder_test, says_which_folder_it_cannot_open) {
    try {
        const folder missing(temp_ / "missing", GetParam());
        FAIL() << "opened";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string(error.what()).find("missing"), std::string::npos) << error.what();
    }
}

TEST_P(folder_test, opens_no_folder_and_nothing_that_is_not_there) {
    EXPECT_NE(error_of_open(""), 0);
    EXPECT_NE(error_of_open("sub"), 0);
    EXPECT_NE(error_of_open("sub/"), 0);
    EXPECT_NE(error_of_open("a/"), 0);
    EXPECT_NE(error_of_open("a/b"), 0);
    EXPECT_EQ(error_of_open("c"), ENOENT);
    EXPECT_NE(error_of_open(std::string(300, 'x')), 0);
    EXPECT_NE(error_of_open(std::string(5000, 'x')), 0);
}

TEST_P(folder_test, does_not_leave_itself) {
    EXPECT_NE(error_of_open("../secret"), 0);
    EXPECT_NE(error_of_open("sub/../../secret"), 0);
    EXPECT_NE(error_of_open((temp_ / "secret").string()), 0);
}

TEST_P(folder_test, follows_no_link_to_the_outside) {
    link("../secret", "served/relative");
    link((temp_ / "secret").string(), "served/absolute");
    link("..", "served/up");
    link("/proc/self/root", "served/magic");
    EXPECT_NE(error_of_open("relative"), 0);
    EXPECT_NE(error_of_open("absolute"), 0);
    EXPECT_NE(error_of_open("up/secret"), 0);
    EXPECT_NE(error_of_open("magic" + (temp_ / "secret").string()), 0);
}

TEST_P(folder_test, follows_links_that_stay_inside_if_the_kernel_watches) {
    link("sub/b", "served/inside");
    EXPECT_EQ(error_of_open("inside") == 0, GetParam() == confinement::kernel);
}

TEST_P(folder_test, does_not_wait_for_somebody_to_write_into_a_pipe) {
    ASSERT_EQ(mkfifo((temp_ / "served/pipe").c_str(), 0600), 0);
    EXPECT_EQ(error_of_open("pipe"), ENOENT);
}

TEST_P(folder_test, gives_a_file_another_tag_when_it_changes) {
    const std::string before = served().open("a").etag();
    EXPECT_EQ(served().open("a").etag(), before);
    EXPECT_EQ(before.front(), '"');
    EXPECT_EQ(before.back(), '"');
    write("served/a", "aaaa");
    EXPECT_NE(served().open("a").etag(), before);
}

}  // namespace
}  // namespace amphi::serve
