// SPDX-License-Identifier: BSL-1.0
#include "demo_report.hpp"

#include "fetch/amounts.hpp"

#include <array>
#include <cstdio>
#include <ratio>

namespace amphi::cli {

namespace {

constexpr double noticeable = 1.25;

template <class... Values>
std::string formatted(const char* format, Values... values) {
    std::array<char, 256> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

double seconds(std::chrono::nanoseconds length) noexcept {
    return std::chrono::duration<double>(length).count();
}

std::string milliseconds(std::chrono::nanoseconds length) {
    return formatted("%.1f ms", std::chrono::duration<double, std::milli>(length).count());
}

std::string in_seconds(std::chrono::nanoseconds length) {
    return formatted("%.2f s", seconds(length));
}

double ratio(double a, double b) noexcept {
    return b > 0 ? a / b : 1;
}

/// What a row cost beside another: above one, when it was more.
class cost {
public:
    cost(const usage& of, const usage& beside) noexcept
        : wall(ratio(seconds(of.wall), seconds(beside.wall)))
        , cpu(ratio(seconds(of.cpu), seconds(beside.cpu)))
        , memory(
              ratio(static_cast<double>(of.memory_bytes), static_cast<double>(beside.memory_bytes))
          ) {}

    [[nodiscard]] bool is_lower_somewhere() const noexcept {
        return wall < 1 / noticeable || cpu < 1 / noticeable || memory < 1 / noticeable;
    }
    [[nodiscard]] bool is_higher_somewhere() const noexcept {
        return wall > noticeable || cpu > noticeable || memory > noticeable;
    }

    double wall;
    double cpu;
    double memory;
};

/// Names the life that failed, when one did.
std::optional<std::string> failure_of(const measured& threads, const measured& async) {
    if (threads.all_right() && async.all_right()) return std::nullopt;
    if (!threads.all_right() && !async.all_right()) return "neither life could do it here";
    return threads.all_right() ? "async could not do it here: take threads"
                               : "plain threads could not do it here: take async";
}

std::string described(const char* name, const usage& used) {
    return formatted("%s used ", name) + in_seconds(used.wall) + ", " +
           fetch::in_bytes(used.memory_bytes) + " and " + grouped(used.threads) + " threads";
}

}  // namespace

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t place = text.size(); place > 3;) {
        place -= 3;
        text.insert(place, ",");
    }
    return text;
}

std::string heads() {
    return formatted(
        "  %-20s %9s %9s %9s %9s %8s %9s",
        "",
        "wall",
        "CPU",
        "memory",
        "switches",
        "threads",
        "start-up"
    );
}

std::string row(const measured& run) {
    if (!run.all_right())
        return formatted(
            "  %-20s failed: exit code %d, %s of %s files are right",
            run.name.c_str(),
            run.used.exit_code,
            grouped(run.verified).c_str(),
            grouped(run.expected).c_str()
        );
    return formatted(
        "  %-20s %9s %9s %9s %9s %8s %9s",
        run.name.c_str(),
        in_seconds(run.used.wall).c_str(),
        in_seconds(run.used.cpu).c_str(),
        fetch::in_bytes(run.used.memory_bytes).c_str(),
        grouped(run.used.switches).c_str(),
        grouped(run.used.threads).c_str(),
        run.start_up ? milliseconds(*run.start_up).c_str() : "-"
    );
}

std::string sentence_of_few(const measured& threads, const measured& async) {
    if (const auto failure = failure_of(threads, async)) return "few: " + *failure;
    const cost of(async.used, threads.used);
    const std::string figures = formatted(
        "few: beside threads, async took %.2f of the time and %.2f of the CPU", of.wall, of.cpu
    );
    const bool is_lower = of.wall < 1 / noticeable || of.cpu < 1 / noticeable;
    const bool is_higher = of.wall > noticeable || of.cpu > noticeable;
    if (is_lower && is_higher) return figures + ": measure with what counts for you";
    if (is_lower) return figures + ": already here it pays";
    if (is_higher) return figures + ": keep threads";
    return figures + ": no difference worth a runtime, keep threads";
}

std::string sentence_of_thousands(const measured& threads, const measured& async) {
    if (const auto failure = failure_of(threads, async)) return "thousands: " + *failure;
    const cost of(async.used, threads.used);
    const std::string figures = "thousands: " + described("async", async.used) + ", " +
                                described("plain threads", threads.used);
    if (of.is_lower_somewhere() && of.is_higher_somewhere())
        return figures + ": measure with what counts for you";
    if (of.is_lower_somewhere()) return figures + ": take async";
    if (of.is_higher_somewhere()) return figures + ": keep threads";
    return figures + ": no difference";
}

std::string sentence_of_compute(const measured& one, const measured& many, const measured& async) {
    if (!one.all_right() || !many.all_right() || !async.all_right())
        return "CPU: not all of it could be done here";
    const double by_threads = ratio(seconds(one.used.wall), seconds(many.used.wall));
    const double by_async = ratio(seconds(one.used.wall), seconds(async.used.wall));
    const std::string figures = formatted(
        "CPU: a thread a CPU was %.1f times as fast as one thread, "
        "tasks on one async worker %.1f: ",
        by_threads,
        by_async
    );
    if (by_async > noticeable) return figures + "this machine was busy, run it again";
    if (by_threads > noticeable) return figures + "computing takes threads, async is for waiting";
    return figures + "there is nothing to gain from either here";
}

}  // namespace amphi::cli
