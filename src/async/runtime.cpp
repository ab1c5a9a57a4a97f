// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/base/environment.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/stop.hpp>

#include "runtime_core.hpp"

#include <memory>
#include <stdexcept>
#include <string_view>

namespace amphi {

namespace detail {

runtime_core& shared_runtime() {
    static auto& shared =
        *new runtime_core(runtime_options().name("amphi-async"), runtime_core::end::with_program);
    return shared;
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

runtime::runtime(const runtime_options& options)
    : core_(std::make_unique<detail::runtime_core>(options, detail::runtime_core::end::with_owner)
      ) {}

runtime::~runtime() {
    shutdown(never);
}

runtime::operator executor() const noexcept {
    return executor(*core_);
}

bool runtime::shutdown(time_point deadline) noexcept {
    core_->daemon_stop()->request(detail::stop_reason::cancel);
    return core_->drain(deadline);
}

}  // namespace amphi
