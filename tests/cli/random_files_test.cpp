// SPDX-License-Identifier: BSL-1.0
#include "cli/demo_compute.hpp"
#include "cli/random_files.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace amphi::cli {
namespace {

std::string content(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Seven files, one of them larger than a piece that is written at once.
random_files some_files(const std::filesystem::path& folder) {
    random_files files(folder);
    files.add(5, 1001);
    files.add(1, 100'000);
    files.add(1, 0);
    return files;
}

TEST(random_files, have_the_sizes_that_were_asked_for) {
    const testing::temp_folder temp;
    const random_files files = some_files(temp.path());
    EXPECT_EQ(files.count(), 7U);
    EXPECT_EQ(files.bytes(), 105'005U);
    EXPECT_EQ(std::filesystem::file_size(temp / files.name(0)), 1001U);
    EXPECT_EQ(std::filesystem::file_size(temp / files.name(5)), 100'000U);
}

TEST(random_files, are_the_same_each_time_and_differ_from_each_other) {
    const testing::temp_folder one;
    const testing::temp_folder other;
    const random_files files = some_files(one.path());
    (void)some_files(other.path());
    EXPECT_EQ(content(one / files.name(5)), content(other / files.name(5)));
    EXPECT_NE(content(one / files.name(0)), content(one / files.name(1)));
}

TEST(random_files, know_their_right_copies) {
    const testing::temp_folder temp;
    const testing::temp_folder copies;
    const random_files files = some_files(temp.path());
    for (std::size_t i = 0; i < files.count(); ++i) {
        EXPECT_FALSE(files.is_right(i, copies.path()));
        std::filesystem::copy(temp / files.name(i), copies / files.name(i));
        EXPECT_TRUE(files.is_right(i, copies.path()));
    }
    std::ofstream(copies / files.name(5), std::ios::app) << 'x';
    EXPECT_FALSE(files.is_right(5, copies.path()));
    std::filesystem::resize_file(copies / files.name(4), 1000);
    EXPECT_FALSE(files.is_right(4, copies.path()));
}

TEST(random_files, are_verified_by_tasks_in_each_life) {
    const testing::temp_folder temp;
    const testing::temp_folder more;
    const random_files files = some_files(temp.path());
    const random_files others = some_files(more.path());
    const std::array<const random_files*, 2> sets{&files, &others};
    for (const hashed_on where : {hashed_on::threads, hashed_on::one_worker}) {
        for (const std::size_t tasks : {1U, 3U, 20U})
            EXPECT_TRUE(verify_originals(sets, where, tasks));
    }
    std::ofstream(more / others.name(6)) << 'x';
    for (const hashed_on where : {hashed_on::threads, hashed_on::one_worker})
        EXPECT_FALSE(verify_originals(sets, where, 3));
}

TEST(temporary_folder, goes_with_what_is_in_it_unless_it_is_kept) {
    std::filesystem::path path;
    {
        const temporary_folder removed(temporary_folder::afterwards::remove);
        path = removed.path();
        std::filesystem::create_directories(path / "a/b");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    {
        const temporary_folder kept(temporary_folder::afterwards::keep);
        path = kept.path();
    }
    EXPECT_TRUE(std::filesystem::remove(path));
}

}  // namespace
}  // namespace amphi::cli
