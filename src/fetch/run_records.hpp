// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>

#include "download.hpp"
#include "failed_list.hpp"
#include "manifest.hpp"
#include "outcome.hpp"
#include "report.hpp"
#include "settings.hpp"
#include "target_folder.hpp"
#include "wanted_file.hpp"

#include <optional>
#include <string_view>

namespace amphi::fetch {

/// What a run writes down for later ones: in the manifest what is done, in a list what has failed.
/// A run that cannot goes on all the same, and says so once; but on a full disk a file that no
/// manifest would name does not become complete.
///
/// Threads: any, once it is made.
class run_records final : public download_recorder {
public:
    /// `failed`: null for no list.
    run_records(
        const target_folder& folder, const settings& how, report& told, failed_list* failed
    );

    /// Null without a manifest.
    [[nodiscard]] const manifest* known() const noexcept { return known_ ? &*known_ : nullptr; }

    /// Before a file has its name. Throws when the disk is full.
    void completing(const wanted_file& what, const outcome& result) override;

    /// A row of the list that asks for nothing that can be downloaded.
    void refused(std::string_view row);

    /// After the end of a URL.
    void keep(const wanted_file& what, const outcome& result);

private:
    void list(std::string_view row);

    const settings& how_;
    report& told_;
    failed_list* failed_;
    std::optional<manifest> known_;
    // relaxed: what could not be written is said once.
    amphi::detail::atomic<bool> forgets_{false};
    amphi::detail::atomic<bool> list_is_short_{false};
};

}  // namespace amphi::fetch
