// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

namespace amphi::detail {

/// Waits in the background for the end of a child process, given by its pidfd, so that it leaves no
/// zombie. Where neither memory nor a thread is left, it is waited for when the next one comes.
void reap_later(descriptor process) noexcept;

}  // namespace amphi::detail
