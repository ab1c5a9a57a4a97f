// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>

#include <amphi/async/metrics.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/environment.hpp>
#include <amphi/base/fork.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/thread_pool.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/stop.hpp>

#include "runtime_core.hpp"

#include <memory>
#include <stdexcept>
#include <string_view>

namespace amphi {

namespace detail {

namespace {

runtime_core* make_shared_runtime() {
    return new runtime_core(runtime_options().name("amphi-async"), runtime_core::end::with_program);
}

}  // namespace

runtime_core& shared_runtime() {
    return one_per_process<runtime_core, make_shared_runtime>();
}

scheduler* shared_runtime_home() {
    return &shared_runtime();
}

scheduler* default_home() {
    static const bool on_async = [] {
        const char* const chosen = environment("AMPHI_ON");
        if (chosen == nullptr || std::string_view(chosen) == "threads") return false;
        if (std::string_view(chosen) == "async") return true;
        throw std::invalid_argument(
            std::string("AMPHI_ON is '") + chosen + "': use threads or async"
        );
    }();
    return on_async ? shared_runtime_home() : nullptr;
}

}  // namespace detail

namespace {

/// Waits for the tasks that are left on a thread that may.
void end_elsewhere(detail::runtime_core* core) noexcept {
    const auto end = [](void* left) {
        const std::unique_ptr<detail::runtime_core> owned(static_cast<detail::runtime_core*>(left));
        (void)owned->drain(never);
    };
    try {
        detail::start_on_plain_thread({end, core});
    } catch (...) {  // No thread can be had: it is abandoned, as at the end of the program.
        return;
    }
}

}  // namespace

runtime::runtime(const runtime_options& options)
    : core_(std::make_unique<detail::runtime_core>(options, detail::runtime_core::end::with_owner)
      ) {}

runtime::~runtime() {
    if (core_->is_forked()) {
        (void)core_.release();  // Nobody is left who could end its tasks.
        return;
    }
    core_->daemon_stop()->request(detail::stop_reason::cancel);
    if (core_->is_here()) {
        end_elsewhere(core_.release());
    } else {
        (void)core_->drain(never);
    }
}

runtime_metrics async_executor::metrics() const {
    return detail::shared_runtime().metrics();
}

runtime_metrics runtime::metrics() const {
    return core_->metrics();
}

runtime::operator executor() const noexcept {
    return executor(*core_);
}

bool runtime::shutdown(time_point deadline) noexcept {
    if (core_->is_forked()) return false;
    core_->daemon_stop()->request(detail::stop_reason::cancel);
    return core_->drain(core_->is_here() ? clock::now() : deadline);
}

}  // namespace amphi
