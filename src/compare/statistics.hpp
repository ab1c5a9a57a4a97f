// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace amphi::compare {

/// The value below which a share of the values lies, by linear interpolation. Zero of none.
[[nodiscard]] double quantile(std::vector<double> values, double share);
[[nodiscard]] double median(std::vector<double> values);

/// An estimate and an interval around it.
class interval {
public:
    double estimate = 1;
    double low = 1;
    double high = 1;
    double confidence = 0;  ///< that the interval covers the truth: what it really is
};

/// By how much B is more than A, from values that were measured in pairs. The values must be
/// positive; a pair of two zeros counts as equal, of one zero as a ratio beyond all others.
///
/// The estimate is that of Hodges and Lehmann, the median of the Walsh averages of the pairs' log
/// ratios; the interval is Tukey's, between two of those averages whose ranks Wilcoxon's signed
/// rank distribution gives, exactly (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods,
/// chapter 3, sections 3.1 to 3.3). It assumes that the log ratios are independent and spread
/// alike on both sides of their centre; of their distribution nothing else, no normality.
/// `confidence` is what is asked for; few pairs cannot give it, then the interval is the widest
/// that they give, with its own confidence.
[[nodiscard]] interval
ratio_of(std::span<const double> a, std::span<const double> b, double confidence);

/// "0.52"; "< 0.01" and "> 100" for what is beyond, as it is beside a zero.
[[nodiscard]] std::string printed_ratio(double ratio);
/// "0.52 (0.49 to 0.55)"
[[nodiscard]] std::string printed(const interval& ratio);

/// How many pairs at least can give an interval of this confidence.
[[nodiscard]] std::size_t pairs_needed(double confidence) noexcept;

}  // namespace amphi::compare
