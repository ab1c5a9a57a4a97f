// SPDX-License-Identifier: BSL-1.0
#include "rounds.hpp"

#include "fetch/printable.hpp"
#include "figures.hpp"
#include "folder_sums.hpp"
#include "measure.hpp"
#include "words.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace amphi::compare {

namespace {

class rounds {
public:
    explicit rounds(const plan& how)
        : how_(how)
        , out_(how.folder / "out")
        , log_(how.folder / "log") {
        made_.a.name = how.a.name;
        made_.a.command = how.a.command;
        made_.b.name = how.b.name;
        made_.b.command = how.b.command;
    }

    result run() {
        for (std::size_t round = 0; round <= how_.rounds; ++round) {
            const std::string name = round == 0 ? "the warm-up" : "round " + std::to_string(round);
            const run_figures a = once(how_.a, name);
            const run_figures b = once(how_.b, name);
            tell(name, a, b);
            if (round == 0) continue;
            made_.a.runs.push_back(a);
            made_.b.runs.push_back(b);
        }
        if (first_) made_.files = first_->size();
        return made_;
    }

private:
    run_figures once(const contender& who, const std::string& round) {
        remove_folder(out_);
        std::filesystem::create_directory(out_);
        const std::string out = out_.string();
        if (!how_.prepare.empty())
            execute({with_out(how_.prepare, out), {}, log_, out}, "--prepare", round);
        const launch what{with_out(who.words, out), who.on, log_, out};
        const std::string name = who.name + " (" + fetch::printable(who.command) + ")";
        const run_figures figures = execute(what, name, round);
        try {
            compare_files(who, round);
            remove_folder(out_);
        } catch (const std::system_error& error) {
            throw run_failed(
                "what " + name + " left in " + round +
                " cannot be compared: " + fetch::printable(error.what())
            );
        }
        return figures;
    }

    run_figures execute(const launch& what, const std::string& name, const std::string& round) {
        std::filesystem::remove(log_);
        const outcome end = measure(what, how_.stop);
        if (end.exit_code == 0) return end.figures;
        const std::string said = end_of_log(log_);
        throw run_failed(
            name + " failed in " + round + " with exit code " + std::to_string(end.exit_code) +
            (said.empty() ? std::string() : ": " + said)
        );
    }

    /// All are compared with those of the very first run: that of A in the warm-up.
    void compare_files(const contender& who, const std::string& round) {
        auto sums = sums_of(out_, how_.stop);
        if (!first_) {
            first_ = std::move(sums);
            first_round_ = round;
            return;
        }
        if (!made_.difference.empty()) return;
        const bool is_later = round != first_round_;
        made_.difference = difference_of(
            *first_,
            how_.a.name + (is_later ? " in " + first_round_ : ""),
            sums,
            who.name + (is_later ? " in " + round : "")
        );
    }

    void tell(const std::string& round, const run_figures& a, const run_figures& b) const {
        if (!how_.progress) return;
        const auto wall = static_cast<std::size_t>(figure::wall);
        how_.progress(
            round + " of " + std::to_string(how_.rounds) + ": " + how_.a.name + " " +
            printed(figure::wall, a[wall].value_or(0)) + ", " + how_.b.name + " " +
            printed(figure::wall, b[wall].value_or(0))
        );
    }

    const plan& how_;
    std::filesystem::path out_;
    std::filesystem::path log_;
    std::optional<std::map<std::string, std::string>> first_;
    std::string first_round_;
    result made_;
};

}  // namespace

result run_rounds(const plan& how) {
    return rounds(how).run();
}

}  // namespace amphi::compare
