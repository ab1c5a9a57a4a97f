// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/driver.hpp>
#include <amphi/base/environment.hpp>

#include "epoll_driver.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace amphi::detail {

std::unique_ptr<driver> make_driver() {
    const char* const chosen = environment("AMPHI_DRIVER");
    if (chosen != nullptr && std::string_view(chosen) != "epoll")
        throw std::invalid_argument(
            std::string("AMPHI_DRIVER is '") + chosen + "': this build has epoll"
        );
    return std::make_unique<epoll_driver>();
}

}  // namespace amphi::detail
