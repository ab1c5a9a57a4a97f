// SPDX-License-Identifier: BSL-1.0
#include "fetch/printable.hpp"
#include "figures.hpp"
#include "report.hpp"
#include "rounds.hpp"
#include "statistics.hpp"
#include "verdict.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace amphi::compare {

namespace {

constexpr double chart_width = 440;
constexpr double plot_left = 145;
constexpr double plot_right = 428;
constexpr double row_height = 26;

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--back:#fff;--text:#1c1c1e;--faint:#6b6b70;--line:#d8d8dc;
--a:#b4530a;--b:#1f5fbf}
@media (prefers-color-scheme:dark){:root{--back:#17181a;--text:#ececee;--faint:#a0a0a6;
--line:#3a3b3f;--a:#f0a35e;--b:#7fb2ff}}
@media print{:root{--back:#fff;--text:#000;--faint:#444;--line:#bbb;--a:#a04000;--b:#1040a0}}
body{background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif;
margin:0 auto;padding:1rem;max-width:44rem}
h1{font-size:1.3rem}h2{font-size:1rem;margin:1.5rem 0 .2rem}
.verdict{font-size:1.15rem;border-left:4px solid var(--b);padding-left:.8rem}
code{overflow-wrap:anywhere}.a{color:var(--a)}.b{color:var(--b)}.faint{color:var(--faint)}
section{break-inside:avoid}svg{width:100%;max-width:35rem;height:auto;display:block}
svg text{fill:var(--text);font-size:14px}svg .faint{fill:var(--faint)}
.dot-a{fill:var(--a);fill-opacity:.55}.dot-b{fill:var(--b);fill-opacity:.55}
.mid-a{stroke:var(--a)}.mid-b{stroke:var(--b)}.mid-a,.mid-b{stroke-width:3}
.axis{stroke:var(--line)}.span{stroke:var(--faint);stroke-width:2}
.sure{stroke:var(--text);stroke-width:3}.point{fill:var(--text)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:right;padding:.25rem .5rem;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left}
td span{white-space:nowrap}
@media (max-width:34rem){table{font-size:.8rem}th,td{padding:.25rem .3rem}
th:first-child,td:first-child,th:last-child,td:last-child{white-space:normal}}
)";

/// Valid UTF-8, whatever a command or a file is called.
std::string escaped(std::string_view text) {
    std::string made;
    for (const char letter : fetch::printable(text)) {
        switch (letter) {
        case '&':
            made += "&amp;";
            break;
        case '<':
            made += "&lt;";
            break;
        case '>':
            made += "&gt;";
            break;
        case '"':
            made += "&quot;";
            break;
        default:
            made += letter;
        }
    }
    return made;
}

template <class... Values>
std::string formatted(const char* format, Values... values) {
    std::array<char, 512> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

std::string line(const char* kind, double x1, double y1, double x2, double y2) {
    return formatted(
        R"(<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>)", kind, x1, y1, x2, y2
    );
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
    return formatted(R"(<text x="%.1f" y="%.1f" text-anchor="%s">)", x, y, anchor) + escaped(text) +
           "</text>";
}

std::string opened(double height, const std::string& title) {
    return formatted(R"(<svg viewBox="0 0 %.0f %.0f" role="img"><title>)", chart_width, height) +
           escaped(title) + "</title>";
}

/// A dot a run, and a stroke at the median; the axis begins at zero.
std::string dots(const side& one, char which, const comparison& of, double most, double y) {
    const std::vector<double>& values = which == 'a' ? of.a : of.b;
    const auto place = [most](double value) {
        return plot_left + (plot_right - plot_left) * (most > 0 ? value / most : 0);
    };
    std::string text = label(plot_left - 10, y + 4, "end", one.name);
    text += line("axis", plot_left, y, plot_right, y);
    for (const double value : values)
        text += formatted(
            R"(<circle class="dot-%c" cx="%.1f" cy="%.1f" r="5"/>)", which, place(value), y
        );
    const double middle = place(median(values));
    return text + line(which == 'a' ? "mid-a" : "mid-b", middle, y - 10, middle, y + 10);
}

std::string chart_of_runs(const comparison& of, const result& made) {
    const double most = std::max(
        *std::max_element(of.a.begin(), of.a.end()), *std::max_element(of.b.begin(), of.b.end())
    );
    const std::string name = kind_of(of.what).name;
    std::string text = "<section><h2>" + name + "</h2>" + opened(3 * row_height, name);
    text += dots(made.a, 'a', of, most, row_height * 0.6);
    text += dots(made.b, 'b', of, most, row_height * 1.6);
    text += label(plot_left, row_height * 2.7, "start", "0");
    text += label(plot_right, row_height * 2.7, "end", printed(of.what, most));
    return text + "</svg></section>\n";
}

/// Each figure's ratio with its interval, on an axis on which twice and half are as far from one.
std::string chart_of_ratios(const std::vector<comparison>& all, const result& made) {
    // Never less than a quarter more or less; what is beyond 20 times stands at the edge.
    double reach = std::log(1.25);
    for (const comparison& of : all)
        reach = std::max({reach, std::log(of.ratio.high), -std::log(of.ratio.low)});
    const double reach_max = std::log(20.0);
    const bool is_cut = reach * 1.05 > reach_max;
    reach = std::min(reach * 1.05, reach_max);
    const double left = plot_left + 8;
    const auto place = [reach, left](double ratio) {
        const double share = (std::clamp(std::log(ratio), -reach, reach) / reach + 1) / 2;
        return left + (plot_right - left) * share;
    };
    const double height = row_height * static_cast<double>(all.size() + 1);
    std::string text = "<section><h2>" + escaped(made.b.name) + " beside " + escaped(made.a.name) +
                       "</h2>" + opened(height, "ratios with their intervals");
    text += line("axis", place(1), 0, place(1), height - row_height);
    double y = row_height * 0.6;
    for (const comparison& of : all) {
        text += label(left - 10, y + 4, "end", kind_of(of.what).name);
        const bool is_sure =
            of.ratio.confidence >= confidence_wanted && (of.ratio.high < 1 || of.ratio.low > 1);
        text += line(is_sure ? "sure" : "span", place(of.ratio.low), y, place(of.ratio.high), y);
        text += formatted(
            R"(<circle class="point" cx="%.1f" cy="%.1f" r="4"/>)", place(of.ratio.estimate), y
        );
        y += row_height;
    }
    text += label(left, y + 2, "start", formatted(is_cut ? "<= %.2f" : "%.2f", std::exp(-reach)));
    text += label(place(1), y + 2, "middle", "1: alike");
    text +=
        label(plot_right, y + 2, "end", formatted(is_cut ? ">= %.1f" : "%.2f", std::exp(reach)));
    return text + "</svg></section>\n";
}

std::string table(const std::vector<comparison>& all, const result& made) {
    std::string text = "<section><h2>Figures</h2><div class=\"scroll\"><table><tr><th></th><th>" +
                       escaped(made.a.name) + "</th><th>" + escaped(made.b.name) + "</th><th>" +
                       escaped(made.b.name) + " / " + escaped(made.a.name) + "</th></tr>\n";
    for (const comparison& of : all)
        text += std::string("<tr><td>") + kind_of(of.what).name + "</td><td>" +
                printed(of.what, median(of.a)) + "</td><td>" + printed(of.what, median(of.b)) +
                "</td><td>" + escaped(printed_ratio(of.ratio.estimate)) + " <span>(" +
                escaped(printed_ratio(of.ratio.low) + " to " + printed_ratio(of.ratio.high)) +
                ")</span>" + "</td></tr>\n";
    return text + "</table></div></section>\n";
}

}  // namespace

std::string html_report(const result& made) {
    const std::vector<comparison> all = compare(made.a, made.b);
    std::string text =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>" +
        escaped(made.a.name) + " and " + escaped(made.b.name) + "</title>\n<style>";
    text += style;
    text += "</style></head><body>\n<h1>" + escaped(made.a.name) + " and " + escaped(made.b.name) +
            "</h1>\n<p class=\"verdict\">" + escaped(verdict(made.a, made.b, made.difference)) +
            "</p>\n<p><b class=\"a\">" + escaped(made.a.name) + "</b> <code>" +
            escaped(made.a.command) + "</code><br><b class=\"b\">" + escaped(made.b.name) +
            "</b> <code>" + escaped(made.b.command) + "</code></p>\n";
    if (!all.empty()) text += chart_of_ratios(all, made) + table(all, made);
    for (const comparison& of : all)
        text += chart_of_runs(of, made);
    return text + "<p class=\"faint\">" + std::to_string(made.a.runs.size()) +
           " rounds after a warm-up, in turn; a dot a run, a stroke the median. A ratio is that of "
           "each pair; its interval covers the truth with " +
           formatted("%.1f", all.empty() ? 0.0 : 100 * all.front().ratio.confidence) +
           " % confidence.</p>\n</body></html>\n";
}

}  // namespace amphi::compare
