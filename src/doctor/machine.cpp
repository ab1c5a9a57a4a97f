// SPDX-License-Identifier: BSL-1.0
#include "machine.hpp"

#include <amphi/exec/worker_count.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace amphi::doctor {

namespace {

template <class Number>
std::optional<Number> parse(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

/// What stands behind a label, up to the line's end, without the space before it.
std::string field(const std::string& path, std::string_view label) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(label)) continue;
        const std::size_t begin = line.find_first_not_of(" \t", label.size());
        return begin == std::string::npos ? std::string() : line.substr(begin);
    }
    return {};
}

/// "24684780 kB".
std::optional<std::uint64_t> kilobytes(const std::string& text) {
    const auto number = parse<std::uint64_t>(std::string_view(text).substr(0, text.find(' ')));
    if (!number) return std::nullopt;
    return *number * 1024;
}

/// "1024                 524288               files": soft, hard, unit.
limit limit_of(const std::string& path, std::string_view label) {
    const std::string text = field(path, label);
    const std::size_t gap = text.find(' ');
    const std::size_t second = text.find_first_not_of(' ', gap);
    if (gap == std::string::npos || second == std::string::npos) return {};
    const std::size_t end = text.find(' ', second);
    limit found;
    found.soft = parse<std::uint64_t>(std::string_view(text).substr(0, gap));
    found.hard = parse<std::uint64_t>(std::string_view(text).substr(second, end - second));
    return found;
}

void lower(std::optional<std::uint64_t>& least, std::optional<std::uint64_t> by) {
    if (by && (!least || *by < *least)) least = by;
}

/// The least number in files of this name, from a group's folder up to the mount.
std::optional<std::uint64_t>
least_up(const std::string& mount, std::string path, const char* name) {
    std::optional<std::uint64_t> least;
    if (path == "/") path.clear();
    for (;;) {
        lower(least, parse<std::uint64_t>(first_line(mount + path + "/" + name)));
        if (path.empty()) return least;
        const std::size_t slash = path.rfind('/');
        path.erase(slash != std::string::npos ? slash : 0);
    }
}

/// Where a limit of cgroups stands, in version 2 and in version 1.
class cgroup_limit {
public:
    const char* v2;
    const char* controller;
    const char* v1;
};

std::optional<std::uint64_t> least_of_groups(const std::string& root, const cgroup_limit& what) {
    std::optional<std::uint64_t> least;
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        // hierarchy:controllers:path
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string path = line.substr(second + 1);
        const std::string mount = root + "/sys/fs/cgroup";
        if (controllers == ",,")
            lower(least, least_up(mount, path, what.v2));
        else if (controllers.find(std::string(",") + what.controller + ",") != std::string::npos)
            lower(least, least_up(mount + "/" + what.controller, path, what.v1));
    }
    return least;
}

/// Version 1 writes "no limit" as the largest multiple of a page.
std::optional<std::uint64_t> unless_boundless(std::optional<std::uint64_t> bytes) {
    constexpr std::uint64_t boundless = std::uint64_t{1} << 60;
    return bytes && *bytes < boundless ? bytes : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> count_of_list(std::string_view list) {
    std::uint64_t count = 0;
    while (!list.empty()) {
        const std::string_view range = list.substr(0, list.find(','));
        list.remove_prefix(std::min(range.size() + 1, list.size()));
        const std::size_t dash = range.find('-');
        const auto from = parse<std::uint64_t>(range.substr(0, dash));
        const auto to =
            dash == std::string_view::npos ? from : parse<std::uint64_t>(range.substr(dash + 1));
        if (!from || !to || *to < *from) return std::nullopt;
        count += *to - *from + 1;
    }
    return count == 0 ? std::nullopt : std::optional(count);
}

std::optional<std::uint64_t> machine::thread_ceiling() const {
    std::optional<std::uint64_t> least = nproc.soft;
    lower(least, pids_max);
    lower(least, threads_max);
    if (maps_max) lower(least, *maps_max / 2);
    return least;
}

machine look(const std::string& root) {
    const std::string process = root + "/proc/self";
    const std::string kernel = root + "/proc/sys/kernel";
    machine found;
    found.kernel = first_line(kernel + "/osrelease");
    found.cpus = count_of_list(first_line(root + "/sys/devices/system/cpu/online"));
    found.affinity_list = field(process + "/status", "Cpus_allowed_list:");
    found.affinity = count_of_list(found.affinity_list);
    found.quota = detail::cpu_quota(root);

    found.memory_bytes = kilobytes(field(root + "/proc/meminfo", "MemTotal:"));
    found.available_bytes = kilobytes(field(root + "/proc/meminfo", "MemAvailable:"));
    found.memory_limit_bytes =
        unless_boundless(least_of_groups(root, {"memory.max", "memory", "memory.limit_in_bytes"}));

    found.io_uring_disabled = parse<std::uint64_t>(first_line(kernel + "/io_uring_disabled"));
    found.perf_paranoid = parse<std::int64_t>(first_line(kernel + "/perf_event_paranoid"));

    found.nofile = limit_of(process + "/limits", "Max open files");
    found.nproc = limit_of(process + "/limits", "Max processes");
    found.memlock = limit_of(process + "/limits", "Max locked memory");
    found.pids_max = least_of_groups(root, {"pids.max", "pids", "pids.max"});
    found.threads_max = parse<std::uint64_t>(first_line(kernel + "/threads-max"));
    found.maps_max = parse<std::uint64_t>(first_line(root + "/proc/sys/vm/max_map_count"));
    return found;
}

}  // namespace amphi::doctor
