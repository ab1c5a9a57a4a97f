// SPDX-License-Identifier: BSL-1.0
#include "statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace amphi::compare {

namespace {

// A zero beside a positive number would be an infinite ratio, and the average of two such none.
constexpr double log_ratio_max = 20;

double log_ratio(double a, double b) noexcept {
    if (a <= 0 && b <= 0) return 0;
    if (a <= 0) return log_ratio_max;
    if (b <= 0) return -log_ratio_max;
    return std::clamp(std::log(b / a), -log_ratio_max, log_ratio_max);
}

/// The chance that the signed rank sum of `pairs` values is `sum`, for each sum: each rank is on
/// the positive side or not, with equal chance.
std::vector<double> rank_sum_chances(std::size_t pairs) {
    std::vector<double> chances(pairs * (pairs + 1) / 2 + 1);
    chances[0] = 1;
    std::size_t largest = 0;
    for (std::size_t rank = 1; rank <= pairs; ++rank) {
        largest += rank;
        for (std::size_t sum = largest + 1; sum-- > 0;)
            chances[sum] = (chances[sum] + (sum >= rank ? chances[sum - rank] : 0)) / 2;
    }
    return chances;
}

std::vector<double> walsh_averages(const std::vector<double>& values) {
    std::vector<double> averages;
    averages.reserve(values.size() * (values.size() + 1) / 2);
    for (std::size_t i = 0; i < values.size(); ++i)
        for (std::size_t j = i; j < values.size(); ++j)
            averages.push_back((values[i] + values[j]) / 2);
    std::sort(averages.begin(), averages.end());
    return averages;
}

}  // namespace

double quantile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return std::lerp(values[below], values[above], place - std::floor(place));
}

double median(std::vector<double> values) {
    return quantile(std::move(values), 0.5);
}

interval ratio_of(std::span<const double> a, std::span<const double> b, double confidence) {
    std::vector<double> logs;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        logs.push_back(log_ratio(a[i], b[i]));
    if (logs.empty()) return {};
    const std::vector<double> averages = walsh_averages(logs);
    const std::vector<double> chances = rank_sum_chances(logs.size());
    // The interval from the (k + 1)th of them from below to the (k + 1)th from above misses the
    // truth when the rank sum is k or less, on either side.
    const double tail_max = (1 - confidence) / 2;
    std::size_t skipped = 0;
    double tail = chances[0];
    while (skipped + 1 < averages.size() / 2 && tail + chances[skipped + 1] <= tail_max)
        tail += chances[++skipped];
    interval found;
    found.estimate = std::exp(median(averages));
    found.low = std::exp(averages[skipped]);
    found.high = std::exp(averages[averages.size() - 1 - skipped]);
    found.confidence = std::max(1 - 2 * tail, 0.0);
    return found;
}

std::string printed_ratio(double ratio) {
    if (ratio < 0.005) return "< 0.01";
    if (ratio > 100) return "> 100";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), ratio < 9.995 ? "%.2f" : "%.1f", ratio);
    return text.data();
}

std::string printed(const interval& ratio) {
    return printed_ratio(ratio.estimate) + " (" + printed_ratio(ratio.low) + " to " +
           printed_ratio(ratio.high) + ")";
}

std::size_t pairs_needed(double confidence) noexcept {
    std::size_t pairs = 1;
    while (pairs < 60 && 1 - 2 * std::exp2(-static_cast<double>(pairs)) < confidence)
        ++pairs;
    return pairs;
}

}  // namespace amphi::compare
