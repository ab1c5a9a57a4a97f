// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/driver.hpp>
#include <amphi/base/environment.hpp>

#include "epoll_driver.hpp"
#include "uring_driver.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace amphi::detail {

namespace {

// The ring saves about a tenth of the CPU where many connections are busy, and nothing with one
// (bench/README.md has the figures). But it must be probed, takes locked memory, and containers
// forbid it.
constexpr driver_kind default_kind = driver_kind::epoll;

driver_choice try_ring(std::unique_ptr<driver>& first) {
    try {
        first = std::make_unique<uring_driver>();
    } catch (const std::system_error& refusal) {
        return {"epoll", refusal.what()};
    }
    return {"uring", "this system has io_uring"};
}

// `first` gets the ring that was tried, on the thread that tried it.
const driver_choice& decide(std::unique_ptr<driver>& first) {
    static const driver_choice decided = try_ring(first);
    return decided;
}

std::unique_ptr<driver> make_automatic_driver() {
    std::unique_ptr<driver> made;
    const bool allowed = decide(made).name == "uring";
    // A later ring may fail too, by a limit that was reached meanwhile: for that worker alone.
    if (allowed && made == nullptr) (void)try_ring(made);
    if (made == nullptr) made = std::make_unique<epoll_driver>();
    return made;
}

}  // namespace

driver_kind driver_kind_of(std::string_view name) {
    const char* const variable = name.empty() ? environment("AMPHI_DRIVER") : nullptr;
    if (variable == nullptr && name.empty()) return default_kind;
    const std::string_view chosen = variable != nullptr ? variable : name;
    if (chosen == "epoll") return driver_kind::epoll;
    if (chosen == "uring") return driver_kind::uring;
    if (chosen == "auto") return driver_kind::automatic;
    throw std::invalid_argument(
        (variable != nullptr ? "AMPHI_DRIVER is '" : "the driver of a runtime is '") +
        std::string(chosen) + "': use epoll, uring or auto"
    );
}

std::unique_ptr<driver> make_driver(driver_kind kind) {
    if (kind == driver_kind::automatic) return make_automatic_driver();
    if (kind == driver_kind::uring) return std::make_unique<uring_driver>();
    return std::make_unique<epoll_driver>();
}

const driver_choice& automatic_driver() {
    std::unique_ptr<driver> first;
    return decide(first);
}

}  // namespace amphi::detail
