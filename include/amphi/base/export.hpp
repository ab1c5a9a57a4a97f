// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Marks what a program may link to. All else is hidden in the shared library; in the static one
/// everything is, so that a user's own shared object does not re-export amphi by accident.
#if defined(AMPHI_SHARED)
#define AMPHI_EXPORT __attribute__((visibility("default")))
#else
#define AMPHI_EXPORT
#endif
