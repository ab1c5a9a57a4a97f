// SPDX-License-Identifier: BSL-1.0
#include "verdict.hpp"

#include "figures.hpp"
#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace amphi::compare {

namespace {

/// Less is no reason to choose, whatever its share: of 2 ms of CPU, 1 ms is half.
double least_difference(figure what) noexcept {
    constexpr double millisecond = 1e-3;
    constexpr double megabyte = 1e6;
    switch (kind_of(what).in) {
    case figure_kind::unit::seconds:
        return millisecond;
    case figure_kind::unit::bytes:
        return megabyte;
    case figure_kind::unit::number:
        break;
    }
    return 0;
}

/// "0.52 of the wall time (0.49 to 0.55)": what the winner of this figure needs.
std::string claim(const comparison& of) {
    const interval& ratio = of.ratio;
    const bool is_b = of.winner() > 0;
    const double estimate = is_b ? ratio.estimate : 1 / ratio.estimate;
    const double low = is_b ? ratio.low : 1 / ratio.high;
    const double high = is_b ? ratio.high : 1 / ratio.low;
    return printed_ratio(estimate) + " of the " + kind_of(of.what).name + " (" +
           printed_ratio(low) + " to " + printed_ratio(high) + ")";
}

std::string inside_the_noise(const comparison& wall, const side& a, const side& b) {
    return "No winner: " + b.name + " took " + printed_ratio(wall.ratio.estimate) +
           " of the wall time of " + a.name + " (" + printed_ratio(wall.ratio.low) + " to " +
           printed_ratio(wall.ratio.high) +
           "), and neither that, nor the CPU, nor the memory is a difference that is both sure and "
           "worth 5 %.";
}

std::string one_winner(const std::vector<comparison>& decided, const side& a, const side& b) {
    const bool is_b = decided.front().winner() > 0;
    std::string text = (is_b ? b : a).name + " needs ";
    for (std::size_t i = 0; i < decided.size(); ++i)
        text += (i == 0 ? "" : i + 1 == decided.size() ? " and " : ", ") + claim(decided[i]);
    text += " of " + (is_b ? a : b).name;
    const bool decided_wall = decided.front().what == figure::wall;
    return text + (decided_wall ? "." : "; their wall times differ too little, or not surely.");
}

std::string each_its_price(const std::vector<comparison>& decided, const side& a, const side& b) {
    std::string text = "Each has its price: ";
    for (std::size_t i = 0; i < decided.size(); ++i)
        text += (i == 0 ? "" : ", ") + (decided[i].winner() > 0 ? b : a).name + " needs " +
                claim(decided[i]);
    return text + " of the other; take what counts for you.";
}

}  // namespace

int comparison::winner() const noexcept {
    if (ratio.confidence < confidence_wanted) return 0;
    if (std::abs(median(a) - median(b)) < least_difference(what)) return 0;
    if (ratio.high < 1 && ratio.estimate < 1 / noticeable) return 1;
    if (ratio.low > 1 && ratio.estimate > noticeable) return -1;
    return 0;
}

std::vector<comparison> compare(const side& a, const side& b) {
    std::vector<comparison> list;
    for (std::size_t i = 0; i < figure_count; ++i) {
        comparison next;
        next.what = static_cast<figure>(i);
        next.a = a.values(next.what);
        next.b = b.values(next.what);
        if (next.a.empty() || next.b.empty()) continue;
        next.ratio = ratio_of(next.a, next.b, confidence_wanted);
        list.push_back(next);
    }
    return list;
}

std::string verdict(const side& a, const side& b, const std::string& difference) {
    if (!difference.empty())
        return "No verdict: the two did not do the same work, " + difference + ".";
    const std::size_t needed = pairs_needed(confidence_wanted);
    const std::size_t rounds = std::min(a.runs.size(), b.runs.size());
    if (rounds < needed)
        return "No verdict: " + std::to_string(rounds) +
               (rounds == 1 ? " round cannot" : " rounds cannot") +
               " tell a difference from chance, take " + std::to_string(needed) + " or more.";
    const std::vector<comparison> all = compare(a, b);
    std::optional<comparison> wall;
    std::vector<comparison> decided;
    for (const figure what : deciding) {
        const auto found = std::find_if(all.begin(), all.end(), [what](const comparison& one) {
            return one.what == what;
        });
        if (found == all.end()) continue;
        if (what == figure::wall) wall = *found;
        if (found->winner() != 0) decided.push_back(*found);
    }
    if (decided.empty())
        return wall ? inside_the_noise(*wall, a, b) : "No verdict: nothing could be measured.";
    const bool agree = std::all_of(decided.begin(), decided.end(), [&](const comparison& one) {
        return one.winner() == decided.front().winner();
    });
    return agree ? one_winner(decided, a, b) : each_its_price(decided, a, b);
}

}  // namespace amphi::compare
