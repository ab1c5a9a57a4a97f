// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/worker_count.hpp>

#include <amphi/base/environment.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <sched.h>

namespace amphi {

namespace {

constexpr std::size_t workers_max = 1024;

std::size_t cpus_of_affinity() {
    cpu_set_t set;
    CPU_ZERO(&set);
    // More CPUs than the set has bits: then they are surely not few.
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return workers_max;
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

std::optional<double> read_number(const std::string& path) {
    std::ifstream file(path);
    double value = 0;
    if (file >> value) return value;
    return std::nullopt;
}

/// "max 100000" or "150000 100000": quota and period.
std::optional<double> quota_v2(const std::string& folder) {
    std::ifstream file(folder + "/cpu.max");
    double quota = 0;
    double period = 0;
    if (file >> quota >> period && quota > 0 && period > 0) return quota / period;
    return std::nullopt;
}

std::optional<double> quota_v1(const std::string& folder) {
    const auto quota = read_number(folder + "/cpu.cfs_quota_us");
    const auto period = read_number(folder + "/cpu.cfs_period_us");
    if (quota && period && *quota > 0 && *period > 0) return *quota / *period;
    return std::nullopt;
}

/// The least quota from `path` up to the mount: a group has no more than those above it.
template <class Quota>
double least_quota(const std::string& mount, std::string path, Quota quota, double least) {
    for (;;) {
        if (const auto found = quota(mount + path)) least = std::min(least, *found);
        if (path.empty()) return least;
        const auto slash = path.rfind('/');
        path.erase(slash != std::string::npos ? slash : 0);
    }
}

bool has_controller(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (list.substr(0, comma) == name) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

double cpus_of_cgroup(const std::string& root) {
    double least = workers_max;
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        // hierarchy:controllers:path
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        std::string path = line.substr(second + 1);
        if (path == "/") path.clear();
        if (controllers.empty()) {
            least = least_quota(root + "/sys/fs/cgroup", path, quota_v2, least);
        } else if (has_controller(controllers, "cpu")) {
            least = least_quota(root + "/sys/fs/cgroup/cpu", path, quota_v1, least);
            least = least_quota(root + "/sys/fs/cgroup/cpu,cpuacct", path, quota_v1, least);
        }
    }
    return least;
}

}  // namespace

std::size_t usable_cpus(const std::string& root) {
    const auto quota = static_cast<std::size_t>(std::ceil(cpus_of_cgroup(root)));
    return std::clamp<std::size_t>(quota, 1, cpus_of_affinity());
}

namespace detail {

std::optional<double> cpu_quota(const std::string& root) {
    const double quota = cpus_of_cgroup(root);
    return quota < workers_max ? std::optional(quota) : std::nullopt;
}

std::size_t default_worker_count(const char* variable) {
    const char* const chosen = environment(variable);
    if (chosen == nullptr) return usable_cpus();
    const std::string_view text = chosen;
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count == 0 ||
        count > workers_max)
        throw std::invalid_argument(
            std::string(variable) + " is '" + std::string(text) + "': use a number from 1 to 1024"
        );
    return count;
}

}  // namespace detail
}  // namespace amphi
