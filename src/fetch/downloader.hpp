// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/executor.hpp>

#include "failed_list.hpp"
#include "interrupt.hpp"
#include "report.hpp"
#include "settings.hpp"
#include "target_folder.hpp"
#include "url_list.hpp"

namespace amphi::fetch {

/// Downloads every URL of a list into a folder, in the life of `where`, and returns when all have
/// ended. At most `how.jobs` at once: as many tasks take URLs from a queue, one after the other, so
/// a long list is neither many tasks nor much memory. They are started one by one as there is work
/// for them.
///
/// What goes wrong with a URL is told to `told`, and, unless it is null, listed in `failed`; a
/// signal of `signals` ends the run early. False when the list could not be read to its end, which
/// is told too. Throws what makes the whole pointless, as when there is no thread to begin with.
[[nodiscard]] bool download_all(
    executor where,
    url_list& from,
    const target_folder& into,
    const settings& how,
    report& told,
    interrupt& signals,
    failed_list* failed = nullptr
);

}  // namespace amphi::fetch
