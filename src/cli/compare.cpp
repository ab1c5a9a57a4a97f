// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "compare/folder_sums.hpp"
#include "compare/measure.hpp"
#include "compare/report.hpp"
#include "compare/rounds.hpp"
#include "compare/words.hpp"
#include "fetch/interrupt.hpp"
#include "fetch/printable.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <CLI/Validators.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace amphi::cli {

namespace {

class compare_command {
public:
    std::size_t rounds = 10;
    std::string html;
    std::string json;
    std::string a;
    std::string b;
    std::string prepare;
    std::string folder = ".";
    std::vector<std::string> job;
};

/// The folder below which all rounds have theirs; gone at the end.
class work_folder {
public:
    explicit work_folder(const std::string& below) {
        std::string model = std::filesystem::absolute(below) / "amphi-compare-XXXXXX";
        if (mkdtemp(model.data()) == nullptr)
            amphi::detail::throw_system_error(errno, "cannot make a temporary folder", model);
        path_ = model;
    }
    work_folder(const work_folder&) = delete;
    work_folder& operator=(const work_folder&) = delete;
    ~work_folder() { remove(); }

    /// Once; says so when it cannot.
    void remove() noexcept {
        if (std::exchange(removed_, true)) return;
        try {
            compare::remove_folder(path_);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "amphi: %s\n", fetch::printable(error.what()).c_str());
        }
    }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
    bool removed_ = false;
};

std::vector<std::string> split(const char* option, const std::string& command) {
    try {
        std::vector<std::string> words = compare::split_words(command);
        if (words.empty()) throw std::invalid_argument("names no program");
        return words;
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError(option, error.what());
    }
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// Whether a word is this option: alone, with "=" and its value, or, a short one, joined to it.
bool is_option(const std::string& word, std::string_view option) {
    if (!word.starts_with(option)) return false;
    return word.size() == option.size() || option.size() == 2 || word[option.size()] == '=';
}

/// What each round must have for itself, or what would differ from round to round.
void check_get_word(const std::string& word, const std::string& next) {
    for (const std::string_view taken : {"--on", "-o", "--output-dir"})
        if (is_option(word, taken))
            throw CLI::ValidationError(
                std::string(taken), "is compare's to choose: both lives, a fresh folder each round"
            );
    for (const std::string_view outside : {"-O", "--output", "--failed"})
        if (is_option(word, outside))
            throw CLI::ValidationError(
                std::string(outside), "names a file outside the round's folder"
            );
    const bool is_stdin = ((word == "-i" || word == "--input") && next == "-") || word == "-i-" ||
                          word == "-i=-" || word == "--input=-";
    if (is_stdin) throw CLI::ValidationError("-i", "standard input is empty here: name a file");
}

/// `get ...`, or `amphi get ...`: how many words that is; 0 for another program.
std::size_t words_of_get(const std::vector<std::string>& job) {
    if (job.front() == "get") return 1;
    const bool is_amphi = job.front() == "amphi" || job.front().ends_with("/amphi");
    return is_amphi && job.size() > 1 && job[1] == "get" ? 2 : 0;
}

/// `amphi get` chooses its life by --on, not by AMPHI_ON. Its manifest says when each file came:
/// that would be another one each round.
std::vector<std::string>
get_words(const std::vector<std::string>& job, std::size_t skipped, const std::string& life) {
    for (std::size_t i = skipped; i < job.size(); ++i)
        check_get_word(job[i], i + 1 < job.size() ? job[i + 1] : std::string());
    // Read now: the link names this process, and a child that follows it would name itself.
    const std::string program = job.front().find('/') != std::string::npos
                                    ? job.front()
                                    : std::filesystem::read_symlink("/proc/self/exe").string();
    std::vector<std::string> words{program, "get", "--on", life, "-o", "{out}"};
    if (std::find(job.begin(), job.end(), "--no-manifest") == job.end())
        words.emplace_back("--no-manifest");
    words.insert(words.end(), job.begin() + static_cast<std::ptrdiff_t>(skipped), job.end());
    return words;
}

compare::contender in_life(const std::vector<std::string>& job, const std::string& life) {
    compare::contender one;
    one.name = one.on = life;
    if (const std::size_t skipped = words_of_get(job); skipped != 0) {
        one.words = get_words(job, skipped, life);
        one.command = "amphi " + joined({one.words.begin() + 1, one.words.end()});
    } else {
        one.words = job;
        one.command = "AMPHI_ON=" + life + " " + joined(job);
    }
    return one;
}

compare::plan plan_of(const compare_command& asked) {
    const bool has_job = !asked.job.empty();
    const bool has_a = !asked.a.empty();
    const bool has_b = !asked.b.empty();
    if (has_a != has_b || has_job == has_a)
        throw CLI::ValidationError("compare", "takes -- JOB, or --a CMD and --b CMD");
    compare::plan how;
    how.rounds = asked.rounds;
    if (!asked.prepare.empty()) how.prepare = split("--prepare", asked.prepare);
    if (has_job) {
        how.a = in_life(asked.job, "threads");
        how.b = in_life(asked.job, "async");
    } else {
        how.a = {"A", asked.a, split("--a", asked.a), {}};
        how.b = {"B", asked.b, split("--b", asked.b), {}};
    }
    return how;
}

/// A file that is opened before the rounds, so that a path that cannot be costs nothing. What is in
/// it is replaced only at the end.
class report_file {
public:
    explicit report_file(const std::string& path)
        : path_(path)
        , file_(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) {
        if (!file_) detail::throw_system_error(errno, "cannot write", path_);
    }

    void write(std::string_view text) const {
        // What is no file, a pipe or a terminal, has nothing to cut.
        if (ftruncate(file_.get(), 0) != 0 && errno != EINVAL)
            detail::throw_system_error(errno, "cannot write", path_);
        while (!text.empty()) {
            const ssize_t count = ::write(file_.get(), text.data(), text.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) detail::throw_system_error(errno, "cannot write", path_);
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }

private:
    std::string path_;
    descriptor file_;
};

int run_comparison(const compare_command& asked) {
    compare::plan how = plan_of(asked);
    const bool only_json = asked.json == "-";
    std::optional<report_file> json;
    std::optional<report_file> html;
    if (!asked.json.empty() && !only_json) json.emplace(asked.json);
    if (!asked.html.empty()) html.emplace(asked.html);
    fetch::interrupt stop;
    work_folder folder(asked.folder);
    how.folder = folder.path();
    how.stop = stop.fd();
    if (isatty(STDERR_FILENO) != 0)
        how.progress = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
    try {
        const compare::result made = compare::run_rounds(how);
        if (json) json->write(json_report(made));
        if (html) html->write(html_report(made));
        print_all(only_json ? json_report(made) : text_report(made));
        return made.difference.empty() ? 0 : exit_failed;
    } catch (const compare::interrupted&) {
        // Before a timer runs that ends this process wherever it is.
        folder.remove();
        stop.take();
        return fetch::exit_code_of(stop.signal());
    }
}

}  // namespace

void add_compare(CLI::App& app, int& exit_code) {
    constexpr std::size_t rounds_max = 1000;
    CLI::App* const command = app.add_subcommand(
        "compare", "Runs a job in both lives, or two commands, and says which needs less"
    );
    const auto asked = std::make_shared<compare_command>();
    command->add_option("JOB", asked->job, "After --: get ..., or a program that obeys AMPHI_ON")
        ->type_name("");
    command->add_option("--rounds", asked->rounds, "Runs of each, after one to warm up (10)")
        ->check(CLI::Range(std::size_t{1}, rounds_max))
        ->type_name("N");
    command->add_option("--a", asked->a, "One command, instead of JOB; {out}: the round's folder")
        ->type_name("CMD");
    command->add_option("--b", asked->b, "The other command")->type_name("CMD");
    command->add_option("--prepare", asked->prepare, "Runs before each of them, unmeasured")
        ->type_name("CMD");
    command->add_option("--folder", asked->folder, "Where the rounds' folders are made (here)")
        ->type_name("DIR");
    command->add_option("--html", asked->html, "Writes a page with charts")->type_name("FILE");
    command->add_option("--json", asked->json, "Writes all figures; -: instead of the table")
        ->type_name("FILE");
    command->callback([asked, &exit_code] { exit_code = run_comparison(*asked); });
}

}  // namespace amphi::cli
