// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>

namespace amphi::testing {

/// A terminal, and the other side of it, where somebody types.
class terminal {
public:
    terminal() : keyboard(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        if (!keyboard || ::grantpt(keyboard.get()) != 0 || ::unlockpt(keyboard.get()) != 0)
            detail::throw_system_error(errno, "make a terminal");
        screen.reset(::open(::ptsname(keyboard.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
        if (!screen) detail::throw_system_error(errno, "open a terminal");
    }

    descriptor keyboard;
    descriptor screen;
};

}  // namespace amphi::testing
