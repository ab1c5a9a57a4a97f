// SPDX-License-Identifier: BSL-1.0
#include "probes.hpp"

#include <amphi/async/driver.hpp>
#include <amphi/base/descriptor.hpp>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <liburing.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace amphi::doctor {

namespace {

bool makes_ring_with(unsigned flags) {
    io_uring ring{};
    if (io_uring_queue_init(4, &ring, flags) != 0) return false;
    io_uring_queue_exit(&ring);
    return true;
}

void probe_ring(probes& found) {
    const detail::driver_choice& choice = detail::automatic_driver();
    found.ring_allowed = choice.name == "uring";
    if (!found.ring_allowed) {
        found.ring_reason = choice.reason;
        return;
    }
    if (makes_ring_with(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN))
        found.ring_features.emplace_back("completions when asked for (6.1)");
    else if (makes_ring_with(IORING_SETUP_COOP_TASKRUN))
        found.ring_features.emplace_back("completions without interrupts (5.19)");
    constexpr std::array<std::pair<io_uring_op, const char*>, 2> operations{
        {{IORING_OP_SEND_ZC, "sends without a copy"}, {IORING_OP_URING_CMD, "commands"}}
    };
    io_uring_probe* const known = io_uring_get_probe();
    if (known == nullptr) return;
    for (const auto& [operation, name] : operations)
        if (io_uring_opcode_supported(known, operation) != 0)
            found.ring_features.emplace_back(name);
    io_uring_free_probe(known);
}

/// As a profiler needs it that has no privileges: its own program's CPU time, outside the kernel.
void probe_perf(probes& found) {
    perf_event_attr wanted{};
    wanted.size = sizeof wanted;
    wanted.type = PERF_TYPE_SOFTWARE;
    wanted.config = PERF_COUNT_SW_TASK_CLOCK;
    wanted.exclude_kernel = 1;
    wanted.disabled = 1;
    const descriptor event(
        static_cast<int>(syscall(SYS_perf_event_open, &wanted, 0, -1, -1, PERF_FLAG_FD_CLOEXEC))
    );
    const int error = errno;
    found.perf_allowed = static_cast<bool>(event);
    if (!found.perf_allowed)
        found.perf_reason = std::error_code(error, std::system_category()).message();
}

}  // namespace

probes probe() {
    probes found;
    probe_ring(found);
    probe_perf(found);
    return found;
}

}  // namespace amphi::doctor
