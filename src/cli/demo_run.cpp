// SPDX-License-Identifier: BSL-1.0
#include "demo_run.hpp"

#include <amphi/base/clock.hpp>
#include <amphi/exec/worker_count.hpp>

#include "child.hpp"
#include "command_line.hpp"
#include "demo_compute.hpp"
#include "demo_report.hpp"
#include "demo_server.hpp"
#include "fetch/amounts.hpp"
#include "fetch/interrupt.hpp"
#include "random_files.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <unistd.h>

namespace amphi::cli {

namespace {

using std::chrono::nanoseconds;

constexpr std::array<const char*, 2> lives{"threads", "async"};

void print(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

random_files make_files(const std::filesystem::path& folder, const demo_plan::file_sizes& sizes) {
    std::filesystem::create_directory(folder);
    random_files files(folder);
    for (const auto& [count, size] : sizes)
        files.add(count, size);
    return files;
}

/// The URLs of the first `count` files, one a line, as `amphi get -i` reads them.
void write_list(
    const std::filesystem::path& path,
    const demo_server& server,
    const random_files& files,
    std::size_t count
) {
    std::ofstream list(path);
    for (std::size_t i = 0; i < count; ++i)
        list << server.url() << files.name(i) << '\n';
    list.close();
    if (!list) throw std::runtime_error("cannot write " + path.string());
}

/// The quickest of some runs; a run in which a file is wrong stands for all.
void keep_better(std::optional<measured>& best, const measured& run) {
    if (!best || !run.all_right() || (best->all_right() && run.used.wall < best->used.wall))
        best = run;
}

/// How many downloads at once the limit of descriptors allows: on plain threads each takes seven, a
/// socket, a file, its folder and those that it is woken by.
std::size_t jobs_that_fit(std::size_t wanted) {
    constexpr long spoken_for = 24;
    const long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0) return wanted;
    return std::min(wanted, static_cast<std::size_t>(std::max((limit - spoken_for) / 7, 1L)));
}

/// As many files fewer as there are downloads fewer, so that all of them still are under way at
/// once.
demo_plan::file_sizes fewer(demo_plan::file_sizes sizes, std::size_t jobs, std::size_t of) {
    for (auto& [count, size] : sizes)
        count = std::max<std::size_t>(count * jobs / of, 1);
    return sizes;
}

class demo {
public:
    explicit demo(const demo_plan& plan)
        : plan_(plan)
        , deadline_(clock::now() + plan.time_max)
        , folder_(
              plan.keep_files ? temporary_folder::afterwards::keep
                              : temporary_folder::afterwards::remove
          )
        , few_(make_files(folder_.path() / "few", plan.few))
        , thousands_jobs_(jobs_that_fit(plan.thousands_jobs))
        , thousands_(make_files(
              folder_.path() / "thousands",
              fewer(plan.thousands, thousands_jobs_, plan.thousands_jobs)
          )) {}

    void few() {
        const demo_server server(plan_.program, few_.folder(), std::chrono::milliseconds::zero());
        const std::size_t jobs = jobs_that_fit(plan_.few_jobs);
        print("few: " + described(few_) + ", " + at_once(jobs, plan_.few_jobs));
        const auto rows = download(server, few_, jobs);
        print("  " + sentence_of_few(rows[0], rows[1]));
    }

    void thousands() {
        const demo_server server(plan_.program, thousands_.folder(), plan_.delay);
        print(
            "thousands: " + described(thousands_) + ", " +
            at_once(thousands_jobs_, plan_.thousands_jobs) + ", each answer held back for " +
            std::to_string(plan_.delay.count()) + " ms"
        );
        const auto rows = download(server, thousands_, thousands_jobs_);
        print("  " + sentence_of_thousands(rows[0], rows[1]));
    }

    void compute() {
        const std::size_t cpus = usable_cpus();
        const std::size_t tasks = std::max<std::size_t>(16, 2 * cpus);
        print("CPU: the SHA-256 of all " + grouped(few_.count() + thousands_.count()) + " files");
        const auto one = hash("one thread", hashed_on::threads, 1);
        const auto many =
            hash(std::to_string(cpus) + " threads, one a CPU", hashed_on::threads, cpus);
        const auto async = hash("one async worker", hashed_on::one_worker, tasks);
        print("  " + sentence_of_compute(one, many, async));
    }

    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_.path(); }
    [[nodiscard]] bool all_right() const noexcept { return all_right_; }
    [[nodiscard]] int take_signal() noexcept {
        stop_.take();
        return stop_.signal();
    }

private:
    using both_lives = std::array<measured, lives.size()>;

    static std::string described(const random_files& files) {
        return grouped(files.count()) + " files, " + fetch::in_bytes(files.bytes());
    }

    static std::string at_once(std::size_t jobs, std::size_t wanted) {
        return "-j " + grouped(jobs) + (jobs < wanted ? " (no more descriptors)" : "");
    }

    [[nodiscard]] bool has_time_for(nanoseconds length) const noexcept {
        return clock::now() + length < deadline_;
    }

    [[nodiscard]] child start_get(
        const char* life, std::size_t jobs, const std::string& list, const std::string& into
    ) {
        return child::exec(
            {plan_.program,
             "get",
             "--quiet",
             "--on",
             life,
             "-j",
             std::to_string(jobs),
             "--per-host",
             "0",
             "-o",
             into,
             "-i",
             list}
        );
    }

    /// One run of `amphi get`, with the verification outside of what is measured.
    [[nodiscard]] measured
    get(const char* life,
        std::size_t jobs,
        const std::string& list,
        const random_files& files,
        std::size_t count) {
        const std::filesystem::path copies = folder_.path() / (std::string("downloads-") + life);
        std::filesystem::remove_all(copies);
        std::filesystem::create_directory(copies);
        measured run;
        run.name = life;
        run.used = start_get(life, jobs, list, copies).wait(deadline_, stop_.fd());
        run.expected = count;
        for (std::size_t i = 0; i < count; ++i)
            run.verified += files.is_right(i, copies) ? 1 : 0;
        if (!plan_.keep_files) std::filesystem::remove_all(copies);
        return run;
    }

    /// What the process takes for one small file, from its start to its end.
    [[nodiscard]] nanoseconds start_up(const char* life, std::size_t jobs) {
        const demo_server server(
            plan_.program, thousands_.folder(), std::chrono::milliseconds::zero()
        );
        const std::filesystem::path list = folder_.path() / "one.txt";
        write_list(list, server, thousands_, 1);
        std::optional<measured> best;
        for (std::size_t i = 0; i < plan_.repeats; ++i)
            keep_better(best, get(life, jobs, list, thousands_, 1));
        return best->used.wall;
    }

    /// Runs the lives in turn, so that what else the machine does hits both.
    both_lives download(const demo_server& server, const random_files& files, std::size_t jobs) {
        const std::filesystem::path list = folder_.path() / "list.txt";
        write_list(list, server, files, files.count());
        std::array<std::optional<measured>, lives.size()> best;
        for (std::size_t i = 0; i < plan_.repeats; ++i) {
            const time_point begin = clock::now();
            for (std::size_t life = 0; life < lives.size(); ++life)
                keep_better(best[life], get(lives[life], jobs, list, files, files.count()));
            // The later rounds need their time too.
            if (!has_time_for(3 * (clock::now() - begin))) break;
        }
        both_lives rows;
        for (std::size_t life = 0; life < lives.size(); ++life) {
            rows[life] = *best[life];
            rows[life].start_up = start_up(lives[life], jobs);
            finish(rows[life]);
        }
        return rows;
    }

    measured hash(const std::string& name, hashed_on where, std::size_t tasks) {
        const std::array<const random_files*, 2> sets{&few_, &thousands_};
        std::optional<measured> best;
        for (std::size_t i = 0; i < plan_.repeats; ++i) {
            measured run;
            run.name = name;
            run.used = child::run([&sets, where, tasks] {
                           return verify_originals(sets, where, tasks) ? 0 : exit_failed;
                       }).wait(deadline_, stop_.fd());
            keep_better(best, run);
        }
        finish(*best);
        return *best;
    }

    void finish(const measured& run) {
        all_right_ = all_right_ && run.all_right();
        print(row(run));
    }

    const demo_plan& plan_;
    fetch::interrupt stop_;
    time_point deadline_;
    temporary_folder folder_;
    random_files few_;
    std::size_t thousands_jobs_;
    random_files thousands_;
    bool all_right_ = true;
};

void introduce() {
    print("amphi get downloads from amphi serve, on this machine, in both lives; the SHA-256 of\n"
          "every file is verified. A row is the quickest of up to three runs; start-up: one\n"
          "small file alone.");
    print(heads());
}

}  // namespace

int run_demo(const demo_plan& plan) {
    demo running(plan);
    introduce();
    try {
        running.few();
        running.thousands();
        running.compute();
    } catch (const interrupted&) {
        return fetch::exit_code_of(running.take_signal());
    }
    if (plan.keep_files) print("The files are kept in " + running.folder().string());
    print("Next: ./dev run URL..., or ./dev run -i list.txt (installed: amphi get ...)");
    return running.all_right() ? 0 : exit_failed;
}

}  // namespace amphi::cli
