// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/worker_count.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

namespace amphi {
namespace {

/// A made-up file system with a cgroup in it.
class made_up_root {
public:
    made_up_root() {
        std::string name = (std::filesystem::temp_directory_path() / "cgroupXXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    ~made_up_root() { std::filesystem::remove_all(path_); }
    made_up_root(const made_up_root&) = delete;
    made_up_root& operator=(const made_up_root&) = delete;

    void write(const std::string& file, const std::string& content) const {
        const auto where = path_ / file;
        std::filesystem::create_directories(where.parent_path());
        std::ofstream(where) << content << '\n';
    }
    [[nodiscard]] std::size_t usable() const { return usable_cpus(path_.string()); }

private:
    std::filesystem::path path_;
};

std::size_t cpus_of_affinity() {
    cpu_set_t set;
    CPU_ZERO(&set);
    EXPECT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
    return static_cast<std::size_t>(CPU_COUNT(&set));
}

TEST(usable_cpus, are_those_of_the_affinity_mask_without_a_quota) {
    const made_up_root root;
    EXPECT_EQ(root.usable(), cpus_of_affinity());
    root.write("proc/self/cgroup", "0::/a/b");
    root.write("sys/fs/cgroup/a/b/cpu.max", "max 100000");
    EXPECT_EQ(root.usable(), cpus_of_affinity());
}

TEST(usable_cpus, obey_a_quota_rounded_up_and_never_zero) {
    const made_up_root root;
    root.write("proc/self/cgroup", "0::/a/b");
    root.write("sys/fs/cgroup/a/b/cpu.max", "1000 100000");
    EXPECT_EQ(root.usable(), 1U);
    root.write("sys/fs/cgroup/a/b/cpu.max", "100001 100000");
    EXPECT_EQ(root.usable(), std::min<std::size_t>(2, cpus_of_affinity()));
}

TEST(usable_cpus, obey_the_quota_of_every_group_above) {
    const made_up_root root;
    root.write("proc/self/cgroup", "0::/a/b/c");
    root.write("sys/fs/cgroup/a/cpu.max", "50000 100000");
    root.write("sys/fs/cgroup/a/b/c/cpu.max", "800000 100000");
    EXPECT_EQ(root.usable(), 1U);
}

TEST(usable_cpus, read_the_first_version_too) {
    const made_up_root root;
    root.write("proc/self/cgroup", "4:memory:/x\n3:cpu,cpuacct:/x/y\n1:name=systemd:/x");
    root.write("sys/fs/cgroup/cpu/x/y/cpu.cfs_quota_us", "-1");
    root.write("sys/fs/cgroup/cpu/x/y/cpu.cfs_period_us", "100000");
    EXPECT_EQ(root.usable(), cpus_of_affinity());
    root.write("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "100000");
    root.write("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000");
    EXPECT_EQ(root.usable(), 1U);
}

TEST(usable_cpus, do_not_stumble_over_garbage) {
    const made_up_root root;
    root.write("proc/self/cgroup", "garbage\n0::/a\n:::");
    root.write("sys/fs/cgroup/a/cpu.max", "lots");
    EXPECT_EQ(root.usable(), cpus_of_affinity());
}

}  // namespace
}  // namespace amphi
