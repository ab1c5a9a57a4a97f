// SPDX-License-Identifier: BSL-1.0
#pragma once

// CMake and the package files read the version from here: it is written nowhere else.
#define AMPHI_VERSION_MAJOR 0
#define AMPHI_VERSION_MINOR 1
#define AMPHI_VERSION_PATCH 0

/// Grows with every release, so that it can be compared: 1.2.3 is 10203.
#define AMPHI_VERSION                                                                              \
    (AMPHI_VERSION_MAJOR * 10000 + AMPHI_VERSION_MINOR * 100 + AMPHI_VERSION_PATCH)
