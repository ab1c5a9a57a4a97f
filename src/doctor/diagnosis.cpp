// SPDX-License-Identifier: BSL-1.0
#include "diagnosis.hpp"

#include "fetch/amounts.hpp"
#include "fetch/json_object.hpp"
#include "fetch/printable.hpp"
#include "machine.hpp"
#include "probes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace amphi::doctor {

namespace {

constexpr std::uint64_t workers_max = 1024;
// Programs that select(2) cannot use more descriptors, hence this soft limit of most systems.
constexpr std::uint64_t usual_nofile = 1024;
constexpr std::uint64_t many_threads = 10'000;

std::string decimals(double number) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g", number);
    return text.data();
}

std::string number_or(const std::optional<std::uint64_t>& number, const char* otherwise) {
    return number ? std::to_string(*number) : otherwise;
}

choice driver_of(const probes& answers, const std::string& set) {
    if (set.empty())
        return {"epoll", "the default; AMPHI_DRIVER=auto takes io_uring where it is allowed"};
    const std::string as_set = "AMPHI_DRIVER=" + set;
    if (set == "epoll") return {"epoll", as_set};
    if (set == "auto")
        return answers.ring_allowed ? choice{"uring", as_set + ", and io_uring is allowed"}
                                    : choice{"epoll", as_set + ": " + answers.ring_reason};
    if (set == "uring")
        return answers.ring_allowed ? choice{"uring", as_set}
                                    : choice{"none", as_set + ": " + answers.ring_reason};
    return {"none", as_set + " is refused: use epoll, uring or auto"};
}

choice workers_of(const machine& found, const std::string& set) {
    if (!set.empty()) {
        std::uint64_t count = 0;
        const auto [end, error] = std::from_chars(set.data(), set.data() + set.size(), count);
        const bool is_number = error == std::errc() && end == set.data() + set.size();
        if (!is_number || count == 0 || count > workers_max)
            return {"none", "AMPHI_WORKERS=" + set + " is refused: use a number from 1 to 1024"};
        return {std::to_string(count), "AMPHI_WORKERS=" + set};
    }
    const auto allowed = found.affinity ? found.affinity : found.cpus;
    if (!allowed) return {"unknown", "neither the affinity mask nor the CPUs can be read"};
    if (found.quota && std::ceil(*found.quota) < static_cast<double>(*allowed)) {
        const double rounded = std::max(std::ceil(*found.quota), 1.0);
        return {
            decimals(rounded),
            "the cgroup's quota of " + decimals(*found.quota) + " CPUs, rounded up"
        };
    }
    const bool is_bound = found.cpus && *allowed < *found.cpus;
    return {
        std::to_string(*allowed), is_bound ? "the CPUs of the affinity mask" : "a worker a CPU"
    };
}

choice life_of(const std::string& set) {
    if (set.empty()) return {"threads", "the default executor's; AMPHI_ON=async changes it"};
    if (set == "threads" || set == "async") return {set, "AMPHI_ON=" + set};
    return {"none", "AMPHI_ON=" + set + " is refused: use threads or async"};
}

std::string nofile_advice(const limit& nofile) {
    if (!nofile.soft || *nofile.soft > usual_nofile) return {};
    const std::string most = number_or(nofile.hard, "unlimited");
    const std::string few =
        std::to_string(*nofile.soft) +
        " descriptors are few for thousands of connections, each of which takes "
        "one: ";
    if (nofile.hard && *nofile.hard <= *nofile.soft)
        return few + "raise the hard limit (/etc/security/limits.conf, or LimitNOFILE= of systemd)";
    return few + "ulimit -n " + most + " (amphi get and serve do so themselves)";
}

std::string quota_advice(const machine& found) {
    if (!found.quota || (found.affinity && *found.quota >= static_cast<double>(*found.affinity)))
        return {};
    if (std::floor(*found.quota) == *found.quota) return {};
    const double rounded = std::max(std::ceil(*found.quota), 1.0);
    return "the quota of " + decimals(*found.quota) +
           " CPUs is no whole number: " + decimals(rounded) +
           " busy workers are throttled now and then; give the cgroup " + decimals(rounded) +
           " CPUs" +
           (rounded > 1 ? ", or set AMPHI_WORKERS=" + decimals(rounded - 1) : std::string());
}

std::string perf_advice(const machine& found, const probes& answers) {
    if (answers.perf_allowed) return {};
    if (found.perf_paranoid && *found.perf_paranoid > 2)
        return "no profiler without privileges sees exact waits: sysctl "
               "kernel.perf_event_paranoid=2 allows them one's own programs";
    return "perf is refused (" + answers.perf_reason +
           "), mostly by a container's filter: profilers are left with /proc";
}

std::string thread_advice(const machine& found) {
    const auto ceiling = found.thread_ceiling();
    if (!ceiling || *ceiling >= many_threads) return {};
    return "at most " + std::to_string(*ceiling) +
           " threads can run here: more tasks at once need async, or a higher limit (ulimit -u, "
           "pids.max, kernel.threads-max, vm.max_map_count)";
}

std::vector<std::string> advice_of(const diagnosis& all) {
    std::vector<std::string> list;
    const auto add = [&list](std::string advice) {
        if (!advice.empty()) list.push_back(std::move(advice));
    };
    for (const choice* made : {&all.driver, &all.workers, &all.life})
        if (made->name == "none") add(made->reason);
    add(quota_advice(all.found));
    add(nofile_advice(all.found.nofile));
    add(thread_advice(all.found));
    add(perf_advice(all.found, all.answers));
    return list;
}

std::string bytes_or(const std::optional<std::uint64_t>& bytes, const char* otherwise) {
    return bytes ? fetch::in_bytes(*bytes) : otherwise;
}

std::string row(std::string_view name, const std::string& text) {
    std::string line = "  ";
    line += name;
    line.append(name.size() < 12 ? 12 - name.size() : 1, ' ');
    return line + text + "\n";
}

std::string pair_of(const limit& of) {
    return number_or(of.soft, "unlimited") + " (at most " + number_or(of.hard, "unlimited") + ")";
}

std::string ring_row(const diagnosis& all) {
    if (!all.answers.ring_allowed) return "refused: " + all.answers.ring_reason;
    std::string text = "allowed";
    for (const std::string& feature : all.answers.ring_features)
        text += ", " + feature;
    return text;
}

std::string perf_row(const diagnosis& all) {
    const auto& level = all.found.perf_paranoid;
    return (all.answers.perf_allowed ? "allowed" : "refused: " + all.answers.perf_reason) +
           ", perf_event_paranoid is " + (level ? std::to_string(*level) : "unknown");
}

template <class Number>
std::string json_number(const std::optional<Number>& number) {
    return number ? std::to_string(*number) : "null";
}

std::string json_limit(const limit& of) {
    return fetch::json_object()
        .json("soft", json_number(of.soft))
        .json("hard", json_number(of.hard))
        .text();
}

std::string json_choice(const choice& made) {
    return fetch::json_object().add("choice", made.name).add("reason", made.reason).text();
}

std::string json_list(const std::vector<std::string>& list) {
    std::string text = "[";
    for (const std::string& item : list)
        text += (text.size() > 1 ? ",\"" : "\"") + fetch::json_escaped(item) + "\"";
    return text + "]";
}

}  // namespace

diagnosis diagnose(machine found, probes answers, const variables& set) {
    diagnosis all;
    all.found = std::move(found);
    all.answers = std::move(answers);
    all.driver = driver_of(all.answers, set.driver);
    all.workers = workers_of(all.found, set.workers);
    all.life = life_of(set.on);
    all.advice = advice_of(all);
    return all;
}

std::string screen(const diagnosis& all) {
    const machine& found = all.found;
    std::string text = "This machine, Linux " + found.kernel + "\n";
    text +=
        row("CPUs",
            number_or(found.cpus, "unknown") + " online, " + number_or(found.affinity, "unknown") +
                " allowed (" + found.affinity_list +
                "), quota: " + (found.quota ? decimals(*found.quota) + " CPUs" : "none"));
    text +=
        row("memory",
            bytes_or(found.memory_bytes, "unknown") + ", " +
                bytes_or(found.available_bytes, "unknown") +
                " available, limit: " + bytes_or(found.memory_limit_bytes, "none"));
    text += row("io_uring", ring_row(all));
    text += row("perf", perf_row(all));
    text += row("descriptors", pair_of(found.nofile));
    text +=
        row("threads",
            "at most " + number_or(found.thread_ceiling(), "unknown") + " (nproc " +
                number_or(found.nproc.soft, "unlimited") + ", pids.max " +
                number_or(found.pids_max, "none") + ", threads-max " +
                number_or(found.threads_max, "unknown") + ", max_map_count " +
                number_or(found.maps_max, "unknown") + ")");
    text += row("locked", bytes_or(found.memlock.soft, "unlimited") + " of memory may be");
    text += "amphi would take\n";
    text += row("driver", all.driver.name + ": " + all.driver.reason);
    text += row("workers", all.workers.name + ": " + all.workers.reason);
    text += row("life", all.life.name + ": " + all.life.reason);
    if (all.advice.empty()) return text + "Nothing to change.\n";
    text += "To change\n";
    for (const std::string& advice : all.advice)
        text += "  - " + advice + "\n";
    return text;
}

std::string json(const diagnosis& all) {
    const machine& found = all.found;
    const std::string cpus = fetch::json_object()
                                 .json("online", json_number(found.cpus))
                                 .json("allowed", json_number(found.affinity))
                                 .add("allowed_list", found.affinity_list)
                                 .json("quota", json_number(found.quota))
                                 .text();
    const std::string memory = fetch::json_object()
                                   .json("bytes", json_number(found.memory_bytes))
                                   .json("available_bytes", json_number(found.available_bytes))
                                   .json("limit_bytes", json_number(found.memory_limit_bytes))
                                   .text();
    const std::string ring = fetch::json_object()
                                 .flag("allowed", all.answers.ring_allowed)
                                 .add("reason", all.answers.ring_reason)
                                 .json("features", json_list(all.answers.ring_features))
                                 .json("disabled", json_number(found.io_uring_disabled))
                                 .text();
    const std::string perf = fetch::json_object()
                                 .flag("allowed", all.answers.perf_allowed)
                                 .add("reason", all.answers.perf_reason)
                                 .json("paranoid", json_number(found.perf_paranoid))
                                 .text();
    const std::string limits = fetch::json_object()
                                   .json("nofile", json_limit(found.nofile))
                                   .json("nproc", json_limit(found.nproc))
                                   .json("memlock", json_limit(found.memlock))
                                   .json("pids_max", json_number(found.pids_max))
                                   .json("threads_max", json_number(found.threads_max))
                                   .json("max_map_count", json_number(found.maps_max))
                                   .json("threads_at_most", json_number(found.thread_ceiling()))
                                   .text();
    return fetch::json_object()
               .add("kernel", found.kernel)
               .json("cpus", cpus)
               .json("memory", memory)
               .json("io_uring", ring)
               .json("perf", perf)
               .json("limits", limits)
               .json("driver", json_choice(all.driver))
               .json("workers", json_choice(all.workers))
               .json("life", json_choice(all.life))
               .json("advice", json_list(all.advice))
               .text() +
           "\n";
}

}  // namespace amphi::doctor
