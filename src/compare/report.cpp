// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include "fetch/json_object.hpp"
#include "fetch/printable.hpp"
#include "figures.hpp"
#include "rounds.hpp"
#include "statistics.hpp"
#include "verdict.hpp"

#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace amphi::compare {

namespace {

constexpr std::size_t name_width = 24;
constexpr std::size_t column_width = 20;

std::string left(std::string text, std::size_t width) {
    text.append(text.size() < width ? width - text.size() : 1, ' ');
    return text;
}

/// "0.52 s ± 2 %": the median, and half of the distance between the quartiles.
std::string with_spread(figure what, const std::vector<double>& values) {
    const double middle = median(values);
    std::array<char, 32> spread{};
    const double half = (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
    std::snprintf(
        spread.data(), spread.size(), " +- %.0f %%", middle > 0 ? 100 * half / middle : 0.0
    );
    return printed(what, middle) + spread.data();
}

/// The bound of an interval; null where it is beyond what two positive figures can give.
std::string json_bound(double ratio) {
    constexpr double beyond = 1e8;
    std::array<char, 32> text{};
    if (ratio > beyond || ratio < 1 / beyond) return "null";
    std::snprintf(text.data(), text.size(), "%.6g", ratio);
    return text.data();
}

std::string json_of_run(const run_figures& run) {
    fetch::json_object object;
    for (std::size_t i = 0; i < figure_count; ++i) {
        const char* const field = kind_of(static_cast<figure>(i)).field;
        if (run[i])
            object.number(field, *run[i]);
        else
            object.json(field, "null");
    }
    return object.text();
}

std::string json_of(const side& one) {
    std::string runs = "[";
    for (const run_figures& run : one.runs)
        runs += (runs.size() > 1 ? "," : "") + json_of_run(run);
    return fetch::json_object()
        .add("name", one.name)
        .add("command", one.command)
        .json("runs", runs + "]")
        .text();
}

std::string json_of(const comparison& one) {
    return fetch::json_object()
        .add("figure", std::string_view(kind_of(one.what).field))
        .number("a_median", median(one.a))
        .number("b_median", median(one.b))
        .json("b_to_a", json_bound(one.ratio.estimate))
        .json("low", json_bound(one.ratio.low))
        .json("high", json_bound(one.ratio.high))
        .number("confidence", one.ratio.confidence)
        .text();
}

}  // namespace

std::string text_report(const result& made) {
    const std::vector<comparison> all = compare(made.a, made.b);
    std::string text = made.a.name + ": " + fetch::printable(made.a.command) + "\n" + made.b.name +
                       ": " + fetch::printable(made.b.command) + "\n";
    text += left("", name_width) + left(made.a.name, column_width) +
            left(made.b.name, column_width) + made.b.name + " / " + made.a.name + "\n";
    for (const comparison& one : all)
        text += left(std::string("  ") + kind_of(one.what).name, name_width) +
                left(with_spread(one.what, one.a), column_width) +
                left(with_spread(one.what, one.b), column_width) + printed(one.ratio) + "\n";
    std::array<char, 200> note{};
    std::snprintf(
        note.data(),
        note.size(),
        "Medians of %zu rounds after a warm-up +- half of the distance between the quartiles; "
        "ratios pair by pair, with %.1f %% confidence.\n",
        made.a.runs.size(),
        all.empty() ? 0.0 : 100 * all.front().ratio.confidence
    );
    text += note.data();
    if (made.files > 0 && made.difference.empty())
        text += "All runs wrote the same files (" + std::to_string(made.files) + ").\n";
    return text + verdict(made.a, made.b, made.difference) + "\n";
}

std::string json_report(const result& made) {
    std::string figures = "[";
    for (const comparison& one : compare(made.a, made.b))
        figures += (figures.size() > 1 ? "," : "") + json_of(one);
    return fetch::json_object()
               .add("rounds", made.a.runs.size())
               .json("a", json_of(made.a))
               .json("b", json_of(made.b))
               .json("figures", figures + "]")
               .add("files", made.files)
               .add("difference", made.difference)
               .add("verdict", verdict(made.a, made.b, made.difference))
               .text() +
           "\n";
}

}  // namespace amphi::compare
