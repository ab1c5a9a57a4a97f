// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/http/request.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "fetch/downloader.hpp"
#include "fetch/failed_list.hpp"
#include "fetch/failure.hpp"
#include "fetch/interrupt.hpp"
#include "fetch/manifest.hpp"
#include "fetch/report.hpp"
#include "fetch/settings.hpp"
#include "fetch/sha256.hpp"
#include "fetch/target_folder.hpp"
#include "fetch/url_list.hpp"
#include "options.hpp"

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <CLI/Validators.hpp>
#include <unistd.h>

namespace amphi::cli {

namespace {

struct get_options {
    fetch::settings how;
    executor where = async;
    bool on_threads = false;
    std::vector<std::string> urls;
    std::string list;
    std::string folder;
    std::string output;
    std::string sha256;
    std::string failed;
    bool quiet = false;
    bool json = false;
};

/// -O names a folder too: it is a path of the user's, not of a server's.
void split_output(get_options& options) {
    if (options.output == "-") {
        options.how.to_output = true;
        return;
    }
    const std::size_t slash = options.output.rfind('/');
    options.how.name = options.output.substr(slash + 1);
    if (options.how.name.empty() || options.how.name == "." || options.how.name == "..")
        throw CLI::ValidationError("-O", "'" + options.output + "' names no file");
    if (options.how.name.starts_with(fetch::manifest::file_name))
        throw CLI::ValidationError("-O", "that name is the manifest's");
    if (slash == std::string::npos) return;
    const std::string folder = options.output.substr(0, std::max<std::size_t>(slash, 1));
    const bool absolute = folder.front() == '/';
    options.folder = absolute || options.folder.empty() ? folder : options.folder + "/" + folder;
}

/// A header line that is none is bad usage, not a failure of each URL.
void check_headers(const std::vector<std::string>& lines) {
    http::request any("http://host/");
    try {
        for (const std::string& line : lines)
            any.header(line);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError("--header", error.what());
    }
}

void check_options(get_options& options) {
    check_headers(options.how.headers);
    if (options.urls.empty() && options.list.empty())
        throw CLI::RequiredError("a URL, or a list of URLs with -i,");
    const bool is_one = options.urls.size() == 1 && options.list.empty();
    if (!is_one && !options.output.empty())
        throw CLI::ValidationError("-O", "names the file of one URL: use -o DIR for several");
    if (!is_one && !options.sha256.empty())
        throw CLI::ValidationError("--sha256", "is the sum of one URL's file");
    if (!options.sha256.empty()) {
        options.how.sha256 = fetch::parse_sha256(options.sha256);
        if (!options.how.sha256)
            throw CLI::ValidationError("--sha256", "a sum is written as 64 hexadecimal digits");
    }
    if (!options.output.empty()) split_output(options);
}

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

/// Whoever replays a list into itself, and stops, has tried only some of it.
void finish(
    fetch::failed_list& failed,
    const get_options& options,
    fetch::report& told,
    const fetch::interrupt& signals
) {
    std::error_code none_there;
    if (signals.signal() != 0 &&
        std::filesystem::equivalent(options.failed, options.list, none_there))
        told.note(options.failed + " is as it was, since not all of it was tried");
    else
        failed.finish();
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
        if (failed) finish(*failed, options, told, signals);
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

void add_limits(CLI::App& command, fetch::settings& how) {
    constexpr std::size_t jobs_max = 1'000'000;
    command.add_option("-j,--jobs", how.jobs, "Downloads at once (64)")
        ->check(CLI::Range(std::size_t{1}, jobs_max))
        ->type_name("N");
    command
        .add_option("--per-host", how.per_host, "Downloads at once from one host; 0: no limit (8)")
        ->check(CLI::Range(std::size_t{0}, jobs_max))
        ->type_name("N");
    command
        .add_option_function<std::string>(
            "--rate-per-host",
            [&how](const std::string& text) {
                const auto rate = parse_rate(text);
                if (!rate)
                    throw CLI::ValidationError(
                        "--rate-per-host", "'" + text + "' is no rate: write it like 10/s or 30/m"
                    );
                how.rate_per_host = *rate;
            },
            "Requests to one host, at most: 10/s, 30/m"
        )
        ->type_name("RATE");
    command
        .add_option_function<std::string>(
            "--limit",
            [&how](const std::string& text) {
                const std::string_view number = std::string_view(text).substr(0, text.rfind("/s"));
                const auto bytes = parse_bytes(number);
                if (!bytes || *bytes == 0)
                    throw CLI::ValidationError(
                        "--limit", "'" + text + "' is no speed: write it like 500KB/s or 2MB"
                    );
                how.bytes_rate = *bytes;
            },
            "Bytes a second, all downloads together: 500KB/s"
        )
        ->type_name("SPEED");
    command
        .add_option("--retries", how.retries, "Further attempts after a failure that may pass (3)")
        ->check(CLI::Range(0U, 1000U))
        ->type_name("N");
    add_duration_option(
        command, "--connect-timeout", how.connect_timeout, "How long to wait for a connection (30s)"
    );
    add_duration_option(
        command,
        "--stall-timeout",
        how.stall_timeout,
        "How long no byte may come; 0s: for ever (60s)"
    );
    add_duration_option(
        command, "--max-time", how.max_time, "How long one URL may take; 0s: no limit (0s)"
    );
}

}  // namespace

void add_get(CLI::App& app, int& exit_code) {
    CLI::App& command = *app.add_subcommand("get", "Downloads URLs");
    const auto options = std::make_shared<get_options>();
    fetch::settings& how = options->how;
    command.add_option("URL", options->urls, "What to download");
    command
        .add_option("-i,--input", options->list, "A list of URLs, one a line; -: standard input")
        ->type_name("FILE");
    command.add_option("-o,--output-dir", options->folder, "Where to (the current folder)")
        ->type_name("DIR");
    command.add_option("-O,--output", options->output, "The one URL's file; -: standard output")
        ->type_name("FILE");
    command.add_option("--failed", options->failed, "Lists the URLs that failed, for a further -i")
        ->type_name("FILE");
    command.add_option("--sha256", options->sha256, "The sum that the one URL's file must have")
        ->type_name("HEX");
    command
        .add_option_function<std::string>(
            "--input-format",
            [&how](const std::string& name) {
                how.format = name == "urls"   ? fetch::row_format::urls
                             : name == "tsv"  ? fetch::row_format::tsv
                             : name == "json" ? fetch::row_format::json
                                              : fetch::row_format::any;
            },
            "How a row of the list is written (auto)"
        )
        ->check(CLI::IsMember({"auto", "urls", "tsv", "json"}))
        ->type_name("FORMAT");
    command.add_flag("--tree", how.tree, "Makes folders of hosts and paths");
    command
        .add_option(
            "--accept", how.accept, "Only names that fit a pattern as \"*.pdf\"; repeatable"
        )
        ->allow_extra_args(false)
        ->type_name("GLOB");
    command
        .add_option_function<std::string>(
            "--max-size",
            [&how](const std::string& text) {
                const auto bytes = parse_bytes(text);
                if (!bytes || *bytes == 0)
                    throw CLI::ValidationError(
                        "--max-size", "'" + text + "' is no size: write it like 500KB or 2GB"
                    );
                how.size_max = *bytes;
            },
            "What a file may have at most: 500KB, 2GB"
        )
        ->type_name("SIZE");
    command.add_flag("--durable", how.durable, "Syncs each file to the disk");
    command.add_flag("--overwrite", how.overwrite, "Replaces files that exist");
    command.add_flag("--refresh", how.refresh, "Asks whether what is there is still current")
        ->excludes("--overwrite");
    command.add_flag(
        "!--no-manifest", how.manifest, "Neither reads nor writes the list of what was downloaded"
    );
    add_executor_option(command, options->where);
    add_limits(command, how);
    command
        .add_option("--header", how.headers, "A header line \"Name: value\" to send; repeatable")
        ->type_name("LINE")
        ->allow_extra_args(false);
    command
        .add_option("--cacert", how.ca_file, "Trusts the certificates in FILE, not the system's")
        ->check(CLI::ExistingFile)
        ->type_name("FILE");
    command.add_flag("--insecure", how.insecure, "Trusts any certificate: anybody can listen");
    const auto quiet = command.add_flag("--quiet", options->quiet, "Says only what went wrong");
    command.add_flag("--json", options->json, "Prints one JSON object an event")->excludes(quiet);
    command.callback([options, &exit_code] {
        check_options(*options);
        options->on_threads = options->where.home() == nullptr;
        exit_code = get(*options);
    });
}

}  // namespace amphi::cli
