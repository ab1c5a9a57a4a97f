// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"
#include "commands.hpp"
#include "fetch/downloader.hpp"
#include "fetch/failed_list.hpp"
#include "fetch/failure.hpp"
#include "fetch/interrupt.hpp"
#include "fetch/report.hpp"
#include "fetch/target_folder.hpp"
#include "fetch/url_list.hpp"
#include "get_access.hpp"
#include "get_options.hpp"

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstddef>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <CLI/App.hpp>
#include <unistd.h>

namespace amphi::cli {

namespace {

/// Each download needs descriptors: a socket and a file, and on a plain thread three to be woken
/// by.
std::size_t jobs_that_fit(const get_options& options) {
    constexpr long spoken_for = 24;
    const long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0) return options.how.jobs;
    // Beside these a folder, unless all go to one.
    const long each = (options.on_threads ? 6 : 2) + 1;
    const long fit = std::max((limit - spoken_for) / each, 1L);
    return std::min(options.how.jobs, static_cast<std::size_t>(fit));
}

/// Whoever replays a list into itself, and stops before its end, has tried only some of it.
void finish(
    fetch::failed_list& failed, const fetch::url_list& list, bool complete, fetch::report& told
) {
    if (complete || !failed.replaces(list.fd()))
        failed.finish();
    else
        told.note("the list of --failed is as it was, since not all of it was tried");
}

/// False when something prevented all of it, or what was left of it; that is then told.
bool download(const get_options& options, fetch::report& told, fetch::interrupt& signals) {
    try {
        fetch::url_list list(options.urls, options.list);
        const fetch::target_folder folder(options.folder);
        std::optional<fetch::failed_list> failed;
        if (!options.failed.empty()) failed.emplace(options.failed);
        const bool complete = fetch::download_all(
            options.where, list, folder, options.how, told, signals, failed ? &*failed : nullptr
        );
        if (failed) finish(*failed, list, complete && signals.signal() == 0, told);
        return complete;
    } catch (const fetch::list_error& error) {
        told.note(error.what(), fetch::list_error::hint);
    } catch (const std::system_error& error) {
        told.note(error.what(), fetch::hint_for(error.code()));
    } catch (const std::exception& error) {
        told.note(error.what());
    }
    return false;
}

int get(get_options& options) {
    // What is written to nobody, or beyond the limit of a file's size, is an error of that write.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    // So that libcurl can turn international host names into what resolvers know.
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has been started yet
    std::setlocale(LC_CTYPE, "C.UTF-8");
    fetch::interrupt signals;

    const auto style = options.json    ? fetch::report_style::json
                       : options.quiet ? fetch::report_style::quiet
                                       : fetch::report_style::people;
    fetch::report told(style, options.how.to_output ? STDERR_FILENO : STDOUT_FILENO);
    const std::size_t fit = jobs_that_fit(options);
    if (fit < options.how.jobs) {
        told.note(
            "-j " + std::to_string(fit) + " instead of " + std::to_string(options.how.jobs) +
            ": raise the limit of descriptors (ulimit -n) for more"
        );
        options.how.jobs = fit;
    }
    if (options.how.insecure)
        told.note("--insecure: anybody on the way can read and change what is downloaded");

    const bool complete = download(options, told, signals);
    told.summary(signals.name());
    if (signals.signal() != 0) return fetch::exit_code_of(signals.signal());
    return complete && told.all_done() ? 0 : exit_failed;
}

/// --help shows what belongs together.
void group_options(CLI::App& command) {
    using names = std::initializer_list<const char*>;
    const auto group = [&command](const char* title, names all) {
        for (const char* const name : all)
            command.get_option(name)->group(title);
    };
    group("What", {"-i", "--input-format", "--sha256", "--accept", "--max-size", "--failed"});
    group("Where to", {"-o", "-O", "--tree", "--overwrite", "--refresh", "--no-manifest"});
    group("Where to", {"--durable"});
    group("How much at once", {"--on", "-j", "--per-host", "--rate-per-host", "--limit"});
    group("How long", {"--retries", "--connect-timeout", "--stall-timeout", "--max-time"});
    group("How long", {"--deadline"});
    group("Who you are", {"--header", "--header-file", "--bearer", "--basic", "--netrc-file"});
    group("Who you are", {"--cookies"});
    group("By which way", {"--proxy", "--resolve", "--cacert", "--insecure"});
    group("What is said", {"--quiet", "--json"});
}

}  // namespace

void add_get(CLI::App& app, int& exit_code) {
    CLI::App& command = *app.add_subcommand("get", "Downloads URLs");
    const auto options = std::make_shared<get_options>();
    add_get_options(command, *options);
    add_access_options(command, options->how);
    group_options(command);
    command.callback([options, &exit_code] {
        check_options(*options);
        options->on_threads = options->where.home() == nullptr;
        exit_code = get(*options);
    });
}

}  // namespace amphi::cli
