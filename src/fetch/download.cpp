// SPDX-License-Identifier: BSL-1.0
#include "download.hpp"

#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/http/fetch.hpp>
#include <amphi/time/backoff.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "failure.hpp"
#include "file_sink.hpp"
#include "output_sink.hpp"
#include "part_file.hpp"
#include "place.hpp"
#include "retry.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

namespace amphi::fetch {

namespace {

void wrong_hash(outcome& result, const char* what_came) {
    result.what = outcome::kind::failed;
    result.cause = std::string("its SHA-256 is another one than was asked for; ") + what_came;
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
    for (const address_given& one : how.addresses)
        what.resolve_to(one.host, one.port, one.address);
    if (how.proxy) what.proxy(*how.proxy);
    how.access.add_to(what, from);
    return what;
}

/// What an earlier run has made of the same URL, if it is still there as it was left.
std::optional<manifest_entry>
left_before(const wanted_file& what, const download_site& at, const place& where) {
    if (at.known == nullptr || where.folder() == nullptr) return std::nullopt;
    auto entry = at.known->find(what.from, what.name);
    const bool is_there = entry && where.folder()->size_of(where.name()) == entry->size;
    return is_there ? std::move(entry) : std::nullopt;
}

/// That file instead of a download.
outcome unchanged(
    const wanted_file& what,
    const download_site& at,
    const place& where,
    const manifest_entry& before
) {
    outcome result;
    result.what = outcome::kind::unchanged;
    result.file = at.folder.path_of(what.name);
    const char* differs = nullptr;
    if (what.size && *what.size != before.size)
        differs = "size";
    else if (what.sha256 && what.sha256 != before.sha256 &&
             *what.sha256 != sha256_of(where.folder()->open(where.name()).get()))
        differs = "SHA-256";
    if (differs == nullptr) return result;
    result.what = outcome::kind::failed;
    result.cause =
        std::string("the file that is there has another ") + differs + " than was asked for";
    result.hint = "--overwrite fetches it anew";
    return result;
}

void sync(int fd) {
    if (::fsync(fd) != 0 && errno != EINVAL)
        amphi::detail::throw_system_error(errno, "sync what was downloaded");
}

task<> sync_on_threads(int fd) {
    co_await on(threads, sync, fd);
}

/// Gives what arrived its name, and says so in the manifest before: a line counts only while its
/// file is there with its size, a file without a line is nobody's. What is replaced may have the
/// same size, so its line first says nothing that a server would compare.
void commit(
    outcome& result,
    part_file& part,
    const wanted_file& what,
    const download_site& at,
    const target_folder& folder,
    const std::string& name,
    bool replace
) {
    const bool was_there = folder.has_now(name);
    const bool recorded = at.recorder != nullptr && (replace || !was_there);
    if (recorded && was_there) {
        outcome bare;
        bare.bytes = result.bytes;
        at.recorder->completing(what, bare);
    } else if (recorded) {
        at.recorder->completing(what, result);
    }
    result.what = part.commit(replace) ? outcome::kind::done : outcome::kind::exists;
    if (recorded && was_there) at.recorder->completing(what, result);
}

/// What arrived becomes the file, unless it is not what was asked for.
task<> complete(
    outcome& result,
    part_file& part,
    const wanted_file& what,
    const download_site& at,
    const place& where,
    bool replace
) {
    if (what.sha256 && result.sha256 != what.sha256) {
        part.discard();
        wrong_hash(result, "what came was removed");
        co_return;
    }
    result.bytes = part.size();
    part.settle();
    if (at.how.durable) co_await on(threads, sync, part.fd());
    const target_folder& folder = *where.folder();
    commit(result, part, what, at, folder, where.name(), replace);
    // From here on no cancel may lose that it is done.
    if (at.how.durable) co_await shield(std::chrono::hours(24), sync_on_threads, folder.fd());
}

/// Sends a request when its host may be asked, and learns from the answer when that is next.
task<http::response_head>
ask(const http::request& request,
    http::sink& into,
    const wanted_file& what,
    download_site& at,
    outcome& result) {
    const host_paces::era sent = co_await at.paces.pass(what.from, at.queue);
    at.listener.starting(what.from, result);
    http::response_head head = co_await http::fetch(request, into);
    result.status = head.status();
    result.phases = head.took();
    if (is_too_many(head.status())) {
        const auto now = std::chrono::system_clock::now();
        result.held = at.paces.was_too_much(what.from, sent, retry_after(head, now), clock::now());
    } else if (head.status() < 500) {
        at.paces.went_well(what.from, sent);
    }
    co_return head;
}

/// One try of a download to a part file.
task<> fill(
    outcome& result,
    part_file& part,
    const wanted_file& what,
    download_site& at,
    const place& where,
    const std::optional<manifest_entry>& before
) {
    const std::optional<std::uint64_t> resume_at = part.find();
    http::request request = request_for(what.from, at.how);
    if (resume_at)
        request.range_from(*resume_at, part.origin().validator);
    else if (before)
        request.unless_still(before->etag, before->last_modified);
    std::optional<sha256> hash;
    if (what.sha256) hash.emplace();
    const size_limit limit(what.size, at.how.size_max);
    file_sink into(part, resume_at, hash ? &*hash : nullptr, at.received, at.budget, limit);
    const http::response_head head = co_await ask(request, into, what, at, result);
    if (into.has_content()) {
        if (hash) result.sha256 = hash->finish();
        result.etag = head.field("etag");
        result.last_modified = head.field("last-modified");
        co_await complete(result, part, what, at, where, at.how.overwrite || before);
    } else if (head.status() == 304 && before && !resume_at) {
        const outcome answered = std::exchange(result, unchanged(what, at, where, *before));
        result.status = answered.status;
        result.phases = answered.phases;
        result.attempts = answered.attempts;
    } else {
        explain(result, head);
        if (head.status() == 416 && resume_at) {
            part.discard();
            result.temporary = true;
        }
    }
}

/// One try of a download to a file.
task<outcome> try_file(const wanted_file& what, download_site& at, unsigned number) {
    outcome result;
    result.attempts = number;
    result.file = at.folder.path_of(what.name);
    try {
        place where(at.folder, what.name);
        const auto before = at.how.overwrite ? std::nullopt : left_before(what, at, where);
        if (before && !at.how.refresh) co_return unchanged(what, at, where, *before);
        if (!before && !at.how.overwrite && where.is_taken()) {
            result.what = outcome::kind::exists;
            co_return result;
        }
        // Anew for each try, so that a retry goes the way of a next run.
        part_file part(where.made_folder(), where.name(), what.from.text());
        bool is_useless = false;
        try {
            co_await fill(result, part, what, at, where, before);
        } catch (const not_the_rest&) {
            is_useless = true;
            explain(result, std::current_exception());
        } catch (const wrong_size&) {
            is_useless = true;
            explain(result, std::current_exception());
        }
        if (is_useless) part.discard();
    } catch (...) {
        explain(result, std::current_exception());
    }
    co_return result;
}

/// One try of a download to standard output.
task<outcome> try_output(const wanted_file& what, download_site& at, unsigned number) {
    outcome result;
    result.attempts = number;
    result.file = "-";
    std::optional<sha256> hash;
    if (what.sha256) hash.emplace();
    const size_limit limit(what.size, at.how.size_max);
    output_sink into(STDOUT_FILENO, hash ? &*hash : nullptr, at.received, at.budget, limit);
    try {
        const http::request request = request_for(what.from, at.how);
        const http::response_head head = co_await ask(request, into, what, at, result);
        co_await into.flush();
        result.bytes = into.taken();
        result.what = outcome::kind::done;
        if (!into.has_content())
            explain(result, head);
        else if (hash && hash->finish() != *what.sha256)
            wrong_hash(result, "do not use what was written");
    } catch (...) {
        explain(result, std::current_exception());
    }
    // What was written cannot be taken back.
    if (into.taken() != 0) result.temporary = false;
    co_return result;
}

using one_try = task<outcome> (*)(const wanted_file& what, download_site& at, unsigned number);

/// Repeats a try while that may help.
task<outcome> persist(one_try once, const wanted_file& what, download_site& at) {
    const backoff pauses(std::chrono::milliseconds(250), std::chrono::seconds(30));
    for (unsigned attempt = 0;; ++attempt) {
        outcome result = co_await once(what, at, attempt + 1);
        if (result.what != outcome::kind::failed || !result.temporary ||
            attempt == at.how.retries || result.retry_after > host_paces::hold_max ||
            (result.too_many && result.held > host_paces::hold_max + host_paces::jitter_max))
            co_return result;
        // Where the host is held back, its turn is waited for with the others'.
        const duration pause = result.too_many
                                   ? result.held
                                   : std::max<duration>(pauses.pause(attempt), result.retry_after);
        at.listener.retrying(
            what.from, result, std::chrono::ceil<std::chrono::milliseconds>(pause)
        );
        if (!result.too_many) co_await sleep_for(pause);
    }
}

task<outcome> in_time(one_try once, const wanted_file& what, download_site& at) {
    const time_point begin = clock::now();
    outcome result;
    try {
        if (at.how.max_time.count() == 0)
            result = co_await persist(once, what, at);
        else
            result = co_await timeout(at.how.max_time, persist, once, what, at);
    } catch (const timed_out& late) {
        if (late.owner() != nullptr) throw;  // Somebody further out.
        result.cause = "it was not complete within the time given";
        result.hint = "run it again to continue, or use --max-time";
    }
    result.took = std::chrono::round<std::chrono::milliseconds>(clock::now() - begin);
    co_return result;
}

}  // namespace

task<outcome> download(const wanted_file& what, download_site& at) {
    co_return co_await in_time(try_file, what, at);
}

task<outcome> print(const wanted_file& what, download_site& at) {
    co_return co_await in_time(try_output, what, at);
}

}  // namespace amphi::fetch
