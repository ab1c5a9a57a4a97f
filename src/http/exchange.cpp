// SPDX-License-Identifier: BSL-1.0
#include "exchange.hpp"

#include "thread_multi.hpp"
#include "transfer_wait.hpp"
#include "worker_multi.hpp"

#include <exception>
#include <optional>

namespace amphi::http::detail {

using amphi::detail::worker_local;

namespace {

task<> carry(transfer& t, thread_multi* driven) {
    for (;;) {
        transfer_wait<true> wait(t, driven);
        const transfer::state now = co_await wait;
        if (now == transfer::state::done) break;
        co_await t.into().make_room();
        t.ask(transfer::state::running);
    }
}

}  // namespace

task<> exchange(transfer& t, const url& target, const curl_slist* addresses) {
    const amphi::detail::context& where = co_await amphi::detail::current_where();
    std::optional<thread_lease> lease;
    thread_multi* driven = nullptr;
    if (where.suspends()) {
        worker_local::of_this_worker<worker_multi>().start(t, addresses);
    } else {
        driven = &lease.emplace(target).get();
        driven->start(t, addresses);
    }
    std::exception_ptr failed;
    try {
        co_await carry(t, driven);
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed) {
        // libcurl lets go of the sink before the task does.
        t.ask(transfer::state::stopping);
        transfer_wait<false> ended(t, driven);
        co_await ended;
        std::rethrow_exception(failed);
    }
    t.throw_failure();
}

}  // namespace amphi::http::detail
