// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/paths.hpp>
#include <amphi/task/task.hpp>

#include "support/error_of.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

namespace amphi::fs {
namespace {

namespace std_fs = std::filesystem;
using std_fs::path;
using testing::error_of;

class paths_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, paths_test, testing::all_lives(), testing::name_of_life);

std::string quoted(const path& at) {
    return "'" + at.string() + "'";
}

TEST_P(paths_test, a_path_is_resolved_as_far_as_it_is_there) {
    run(
        [](path at) -> task<> {
            const path root = std_fs::canonical(at);
            std_fs::create_directories(at / "a/b");
            std_fs::create_symlink("a", at / "link");
            path found = co_await fs::canonical(at / "link/../a/./b");
            EXPECT_EQ(found, root / "a/b");
            found = co_await fs::weakly_canonical(at / "link/missing/../too");
            EXPECT_EQ(found, root / "a/too");
            found = co_await fs::relative(at / "link/b", at / "a");
            EXPECT_EQ(found, "b");
            found = co_await fs::proximate(at / "a", at / "a/b");
            EXPECT_EQ(found, "..");
            const path here = co_await fs::current_path();
            EXPECT_EQ(here, std_fs::current_path());
            found = co_await fs::absolute("name");
            EXPECT_EQ(found, here / "name");
            const path temporary = co_await fs::temp_directory_path();
            EXPECT_EQ(temporary, std_fs::temp_directory_path());
        },
        folder.path()
    );
}

TEST_P(paths_test, what_leads_nowhere_cannot_be_resolved) {
    const path missing = folder / "missing";
    EXPECT_EQ(
        error_of(on(), "resolve " + quoted(missing), fs::canonical, missing),
        std::errc::no_such_file_or_directory
    );
    std_fs::create_symlink("loop", folder / "loop");
    const path loop = folder / "loop";
    EXPECT_EQ(
        error_of(on(), "resolve " + quoted(loop), fs::canonical, loop),
        std::errc::too_many_symbolic_link_levels
    );
}

}  // namespace
}  // namespace amphi::fs
