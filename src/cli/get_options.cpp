// SPDX-License-Identifier: BSL-1.0
#include "get_options.hpp"

#include <amphi/http/request.hpp>

#include "fetch/list_row.hpp"
#include "fetch/manifest.hpp"
#include "fetch/sha256.hpp"
#include "options.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string_view>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <CLI/Validators.hpp>

namespace amphi::cli {

namespace {

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
                std::string_view number = text;
                if (number.ends_with("/s")) number.remove_suffix(2);
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
    add_duration_option(
        command, "--deadline", how.deadline, "How long all of it may take; 0s: no limit (0s)"
    );
}

}  // namespace

void add_get_options(CLI::App& command, get_options& options) {
    fetch::settings& how = options.how;
    command.add_option("URL", options.urls, "What to download");
    command.add_option("-i,--input", options.list, "A list of URLs, one a line; -: standard input")
        ->type_name("FILE");
    command.add_option("-o,--output-dir", options.folder, "Where to (the current folder)")
        ->type_name("DIR");
    command.add_option("-O,--output", options.output, "The one URL's file; -: standard output")
        ->type_name("FILE");
    command.add_option("--failed", options.failed, "Lists the URLs that failed, for a further -i")
        ->type_name("FILE");
    command.add_option("--sha256", options.sha256, "The sum that the one URL's file must have")
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
    command.add_flag_callback(
        "--no-manifest",
        [&how] { how.manifest = false; },
        "Neither reads nor writes the list of what was downloaded"
    );
    add_executor_option(command, options.where);
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
    const auto quiet = command.add_flag("--quiet", options.quiet, "Says only what went wrong");
    command.add_flag("--json", options.json, "Prints one JSON object an event")->excludes(quiet);
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

}  // namespace amphi::cli
