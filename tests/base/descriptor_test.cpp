// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>

#include <cerrno>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace {

using amphi::descriptor;

static_assert(!std::is_convertible_v<int, descriptor>);
static_assert(!std::is_convertible_v<descriptor, int>);
static_assert(!std::is_copy_constructible_v<descriptor>);
static_assert(std::is_nothrow_move_constructible_v<descriptor>);
static_assert(!std::is_aggregate_v<descriptor>);

descriptor make() {
    return descriptor(::eventfd(0, EFD_CLOEXEC));
}

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) != -1;
}

TEST(descriptor_ownership, owns_nothing_at_first) {
    const descriptor none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.get(), -1);
}

TEST(descriptor_ownership, closes_at_its_end) {
    int fd = -1;
    {
        const descriptor owner = make();
        fd = owner.get();
        EXPECT_TRUE(is_open(fd));
    }
    EXPECT_FALSE(is_open(fd));
}

TEST(descriptor_ownership, moves_and_leaves_nothing_behind) {
    descriptor first = make();
    const int fd = first.get();
    descriptor second = std::move(first);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what a move leaves is the question
    EXPECT_EQ(second.get(), fd);

    descriptor third = make();
    const int replaced = third.get();
    third = std::move(second);
    EXPECT_EQ(third.get(), fd);
    EXPECT_FALSE(is_open(replaced));
    EXPECT_TRUE(is_open(fd));
}

TEST(descriptor_ownership, survives_being_moved_to_itself) {
    descriptor owner = make();
    descriptor& same = owner;
    owner = std::move(same);
    EXPECT_TRUE(is_open(owner.get()));
}

TEST(descriptor_ownership, releases_without_closing) {
    descriptor owner = make();
    const descriptor taken(owner.release());
    EXPECT_FALSE(owner);
    EXPECT_TRUE(is_open(taken.get()));
}

// A destructor that runs between a failed call and the look at its errno must not change it.
TEST(descriptor_ownership, keeps_errno_when_it_closes) {
    descriptor bad(make().release());
    const descriptor already_closed(bad.get());
    bad.reset();
    errno = ENOENT;
    bad.reset(already_closed.get());
    bad.reset();  // close(2) fails with EBADF
    EXPECT_EQ(errno, ENOENT);
}

}  // namespace
