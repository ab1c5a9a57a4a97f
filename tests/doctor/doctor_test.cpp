// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/driver.hpp>
#include <amphi/exec/worker_count.hpp>

#include "doctor/diagnosis.hpp"
#include "doctor/machine.hpp"
#include "doctor/probes.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::doctor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A made-up tree of /proc, /sys and cgroups.
class tree {
public:
    void write(const std::string& path, const std::string& text) const {
        const std::filesystem::path file = folder_ / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    [[nodiscard]] machine look() const { return doctor::look(folder_.path().string()); }

private:
    testing::temp_folder folder_;
};

machine container() {
    const tree files;
    files.write("proc/sys/kernel/osrelease", "6.1.0\n");
    files.write("proc/sys/kernel/io_uring_disabled", "2\n");
    files.write("proc/sys/kernel/perf_event_paranoid", "-1\n");
    files.write("proc/sys/kernel/threads-max", "190000\n");
    files.write("proc/sys/vm/max_map_count", "65530\n");
    files.write("sys/devices/system/cpu/online", "0-7,9\n");
    files.write("proc/meminfo", "MemTotal:  1000 kB\nMemAvailable:    10 kB\n");
    files.write("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-3\n");
    files.write(
        "proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max processes             5000                 unlimited            processes \n"
        "Max open files            1024                 4096                 files     \n"
        "Max locked memory         unlimited            unlimited            bytes     \n"
    );
    files.write("proc/self/cgroup", "0::/a/b\n");
    files.write("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
    files.write("sys/fs/cgroup/a/b/memory.max", "max\n");
    files.write("sys/fs/cgroup/a/memory.max", "500000\n");
    files.write("sys/fs/cgroup/a/b/pids.max", "300\n");
    return files.look();
}

machine plain_machine() {
    machine plain;
    plain.cpus = plain.affinity = 8;
    plain.nofile = {65536, 65536};
    plain.nproc = {100'000, std::nullopt};
    return plain;
}

probes all_allowed() {
    probes answers;
    answers.ring_allowed = answers.perf_allowed = true;
    return answers;
}

TEST(doctor, reads_what_the_systems_files_say) {
    const machine found = container();
    EXPECT_EQ(found.kernel, "6.1.0");
    EXPECT_EQ(found.cpus, 9U);
    EXPECT_EQ(found.affinity, 4U);
    EXPECT_EQ(found.affinity_list, "0-3");
    EXPECT_EQ(found.quota, 1.5);
    EXPECT_EQ(found.memory_bytes, 1'024'000U);
    EXPECT_EQ(found.available_bytes, 10'240U);
    EXPECT_EQ(found.memory_limit_bytes, 500'000U);
    EXPECT_EQ(found.io_uring_disabled, 2U);
    EXPECT_EQ(found.perf_paranoid, -1);
    EXPECT_EQ(found.nofile.soft, 1024U);
    EXPECT_EQ(found.nofile.hard, 4096U);
    EXPECT_EQ(found.nproc.soft, 5000U);
    EXPECT_EQ(found.nproc.hard, std::nullopt);
    EXPECT_EQ(found.memlock.soft, std::nullopt);
    EXPECT_EQ(found.thread_ceiling(), 300U);
}

TEST(doctor, reads_cgroups_of_version_1_and_knows_their_no_limit) {
    tree files;
    files.write("proc/self/cgroup", "4:memory:/m\n8:pids:/p\n1:cpu:/\n0::/\n");
    files.write("sys/fs/cgroup/memory/m/memory.limit_in_bytes", "9223372036854771712\n");
    files.write("sys/fs/cgroup/pids/p/pids.max", "77\n");
    files.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
    files.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    machine found = files.look();
    EXPECT_EQ(found.memory_limit_bytes, std::nullopt);
    EXPECT_EQ(found.pids_max, 77U);
    EXPECT_EQ(found.quota, 0.5);
    files.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "4096\n");
    EXPECT_EQ(files.look().memory_limit_bytes, 4096U);
}

TEST(doctor, of_an_empty_tree_knows_nothing_and_says_so) {
    const diagnosis all = diagnose(tree().look(), all_allowed(), {});
    EXPECT_EQ(all.found.cpus, std::nullopt);
    EXPECT_EQ(all.found.thread_ceiling(), std::nullopt);
    EXPECT_EQ(all.workers.name, "unknown");
    EXPECT_THAT(screen(all), HasSubstr("unknown online"));
    EXPECT_THAT(json(all), HasSubstr(R"("online":null)"));
}

TEST(doctor, counts_lists_and_refuses_what_is_none) {
    EXPECT_EQ(count_of_list("0"), 1U);
    EXPECT_EQ(count_of_list("0-3,8,10-11"), 7U);
    for (const char* const none : {"", "a", "3-1", "0-", "-1", "1,,x"})
        EXPECT_EQ(count_of_list(none), std::nullopt) << none;
}

TEST(doctor, chooses_workers_by_quota_affinity_and_variable) {
    machine found = plain_machine();
    EXPECT_EQ(diagnose(found, all_allowed(), {}).workers.reason, "a worker a CPU");
    found.affinity = 3;
    EXPECT_EQ(diagnose(found, all_allowed(), {}).workers.name, "3");
    found.quota = 1.5;
    const diagnosis limited = diagnose(found, all_allowed(), {});
    EXPECT_EQ(limited.workers.name, "2");
    EXPECT_EQ(limited.workers.reason, "the cgroup's quota of 1.5 CPUs, rounded up");
    EXPECT_THAT(limited.advice, ElementsAre(HasSubstr("set AMPHI_WORKERS=1")));
    found.quota = 0.5;
    EXPECT_EQ(diagnose(found, all_allowed(), {}).workers.name, "1");
    EXPECT_EQ(diagnose(found, all_allowed(), {"", "7", ""}).workers.name, "7");
    for (const char* const bad : {"0", "x", "1025", "2x"})
        EXPECT_EQ(diagnose(found, all_allowed(), {"", bad, ""}).workers.name, "none") << bad;
}

TEST(doctor, chooses_the_driver_and_names_what_refuses) {
    probes refused = all_allowed();
    refused.ring_allowed = false;
    refused.ring_reason = "forbidden";
    const auto driver = [](const probes& answers, const char* set) {
        return diagnose(plain_machine(), answers, {set, "", ""}).driver;
    };
    EXPECT_EQ(driver(all_allowed(), "").name, "epoll");
    EXPECT_EQ(driver(all_allowed(), "auto").name, "uring");
    EXPECT_EQ(driver(refused, "auto").name, "epoll");
    EXPECT_THAT(driver(refused, "auto").reason, HasSubstr("forbidden"));
    EXPECT_EQ(driver(refused, "uring").name, "none");
    EXPECT_EQ(driver(refused, "kqueue").name, "none");
    const diagnosis bad = diagnose(plain_machine(), refused, {"", "", "fibers"});
    EXPECT_THAT(bad.advice, ElementsAre(HasSubstr("AMPHI_ON=fibers is refused")));
}

TEST(doctor, advises_what_limits_this_process_and_nothing_else) {
    const diagnosis fine = diagnose(plain_machine(), all_allowed(), {});
    EXPECT_THAT(fine.advice, IsEmpty());
    EXPECT_THAT(screen(fine), HasSubstr("Nothing to change.\n"));
    const diagnosis tight = diagnose(container(), all_allowed(), {});
    EXPECT_THAT(
        tight.advice,
        ElementsAre(
            HasSubstr("quota of 1.5"), HasSubstr("ulimit -n 4096"), HasSubstr("at most 300 threads")
        )
    );
    machine closed = plain_machine();
    closed.perf_paranoid = 3;
    probes answers = all_allowed();
    answers.perf_allowed = false;
    EXPECT_THAT(
        diagnose(closed, answers, {}).advice, ElementsAre(HasSubstr("perf_event_paranoid=2"))
    );
    closed.perf_paranoid = 2;
    EXPECT_THAT(diagnose(closed, answers, {}).advice, ElementsAre(HasSubstr("filter")));
    closed.perf_paranoid = 1;
    closed.nofile = {256, 256};
    EXPECT_THAT(diagnose(closed, all_allowed(), {}).advice, ElementsAre(HasSubstr("hard limit")));
}

TEST(doctor, fits_a_screen) {
    const std::string text = screen(diagnose(container(), all_allowed(), {}));
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 24);
    EXPECT_THAT(text, HasSubstr("9 online, 4 allowed (0-3), quota: 1.5 CPUs"));
    EXPECT_THAT(text, HasSubstr("workers     2: the cgroup's quota"));
}

TEST(doctor, agrees_with_the_library_on_this_machine) {
    const probes answers = probe();
    EXPECT_EQ(answers.ring_allowed, detail::automatic_driver().name == "uring");
    EXPECT_EQ(answers.perf_allowed, answers.perf_reason.empty());
    const diagnosis all = diagnose(look(), answers, {});
    EXPECT_EQ(all.workers.name, std::to_string(usable_cpus()));
    EXPECT_THAT(json(all), Not(HasSubstr("\"online\":null")));
}

}  // namespace
}  // namespace amphi::doctor
