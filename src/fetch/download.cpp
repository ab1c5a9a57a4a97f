// SPDX-License-Identifier: BSL-1.0
#include "download.hpp"

#include <amphi/base/error.hpp>
#include <amphi/http/fetch.hpp>
#include <amphi/time/backoff.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "failure.hpp"
#include "file_sink.hpp"
#include "output_sink.hpp"
#include "retry.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <unistd.h>

namespace amphi::fetch {

namespace {

// Who asks for more than this is not waited for.
constexpr auto pause_max = std::chrono::minutes(5);

void wrong_hash(outcome& result, const char* what_came) {
    result.what = outcome::kind::failed;
    result.cause = std::string("its SHA-256 is another one than --sha256 says; ") + what_came;
    result.hint = "compare the sum with its source, and mistrust the server";
}

http::request request_for(const http::url& from, const settings& how) {
    http::request what(from.text());
    what.connect_timeout(how.connect_timeout)
        .stall_timeout(how.stall_timeout)
        .ca_file(how.ca_file)
        .insecure(how.insecure);
    for (const std::string& line : how.headers)
        what.header(line);
    return what;
}

/// One try of a download to a file.
task<outcome> try_file(
    const http::url& from,
    const std::string& name,
    const target_folder& folder,
    const settings& how,
    counter& received
) {
    outcome result;
    result.file = folder.path_of(name);
    if (!how.overwrite && folder.has(name)) {
        result.what = outcome::kind::exists;
        co_return result;
    }
    // Anew for each try, so that a retry goes the way of a next run.
    part_file part(folder, name, from.text());
    try {
        const std::optional<std::uint64_t> resume_at = part.find();
        http::request what = request_for(from, how);
        if (resume_at) what.range_from(*resume_at, part.origin().validator);
        std::optional<sha256> hash;
        if (how.sha256) hash.emplace();
        file_sink into(part, resume_at, hash ? &*hash : nullptr, received);
        const http::response_head head = co_await http::fetch(what, into);
        if (!into.has_content()) {
            explain(result, head);
            if (head.status() == 416 && resume_at) {
                part.discard();
                result.temporary = true;
            }
        } else if (hash && hash->finish() != *how.sha256) {
            part.discard();
            wrong_hash(result, "what came was removed");
        } else {
            result.bytes = part.size();
            result.what = part.commit(how.overwrite) ? outcome::kind::done : outcome::kind::exists;
        }
    } catch (const not_the_rest&) {
        part.discard();
        explain(result, std::current_exception());
    } catch (...) {
        explain(result, std::current_exception());
    }
    co_return result;
}

/// One try of a download to standard output.
task<outcome> try_output(const http::url& from, const settings& how, counter& received) {
    outcome result;
    result.file = "-";
    std::optional<sha256> hash;
    if (how.sha256) hash.emplace();
    output_sink into(STDOUT_FILENO, hash ? &*hash : nullptr, received);
    try {
        const http::request what = request_for(from, how);
        const http::response_head head = co_await http::fetch(what, into);
        co_await into.flush();
        result.bytes = into.taken();
        result.what = outcome::kind::done;
        if (!into.has_content())
            explain(result, head);
        else if (hash && hash->finish() != *how.sha256)
            wrong_hash(result, "do not use what was written");
    } catch (...) {
        explain(result, std::current_exception());
    }
    // What was written cannot be taken back.
    if (into.taken() != 0) result.temporary = false;
    co_return result;
}

/// Repeats `once` while that may help.
template <class Once>
task<outcome>
persist(Once& once, const http::url& from, const settings& how, retry_listener& listener) {
    const backoff pauses(std::chrono::milliseconds(250), std::chrono::seconds(30));
    for (unsigned attempt = 0;; ++attempt) {
        outcome result = co_await once();
        result.attempts = attempt + 1;
        if (result.what != outcome::kind::failed || !result.temporary || attempt == how.retries ||
            result.retry_after > pause_max)
            co_return result;
        const auto pause = std::max<std::chrono::milliseconds>(
            result.retry_after, std::chrono::ceil<std::chrono::milliseconds>(pauses.pause(attempt))
        );
        listener.retrying(from, result, pause);
        co_await sleep_for(pause);
    }
}

template <class Once>
task<outcome>
in_time(Once& once, const http::url& from, const settings& how, retry_listener& listener) {
    const time_point begin = clock::now();
    outcome result;
    try {
        if (how.max_time.count() == 0)
            result = co_await persist(once, from, how, listener);
        else
            result = co_await timeout(how.max_time, persist<Once>, once, from, how, listener);
    } catch (const timed_out& late) {
        if (late.owner() != nullptr) throw;  // Somebody further out.
        result.cause = "it was not complete within the time given";
        result.hint = "run it again to continue, or use --max-time";
    }
    result.took = std::chrono::round<std::chrono::milliseconds>(clock::now() - begin);
    co_return result;
}

}  // namespace

task<outcome> download(
    const http::url& from,
    const std::string& name,
    const target_folder& folder,
    const settings& how,
    counter& received,
    retry_listener& listener
) {
    const auto once = [&] { return try_file(from, name, folder, how, received); };
    co_return co_await in_time(once, from, how, listener);
}

task<outcome>
print(const http::url& from, const settings& how, counter& received, retry_listener& listener) {
    const auto once = [&] { return try_output(from, how, received); };
    co_return co_await in_time(once, from, how, listener);
}

}  // namespace amphi::fetch
