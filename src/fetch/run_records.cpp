// SPDX-License-Identifier: BSL-1.0
#include "run_records.hpp"

#include "failure.hpp"

#include <cerrno>
#include <string>
#include <system_error>

namespace amphi::fetch {

run_records::run_records(
    const target_folder& folder, const settings& how, report& told, failed_list* failed
)
    : how_(how)
    , told_(told)
    , failed_(failed) {
    if (!how.manifest || how.to_output) return;
    try {
        known_.emplace(folder);
        const std::string damage = known_->damage();
        if (!damage.empty()) told.note(damage);
    } catch (const std::system_error& error) {
        known_.reset();
        told.note(
            std::string(error.what()) + ": going on without the list of what was downloaded before",
            hint_for(error.code())
        );
    }
}

void run_records::keep(const wanted_file& what, const outcome& result) {
    if (failed_ != nullptr && result.what == outcome::kind::failed)
        list(to_text(row_of(how_, what), how_.format));
}

void run_records::completing(const wanted_file& what, const outcome& result) {
    if (!known_) return;
    manifest_entry entry;
    entry.key = manifest_key(what.from);
    entry.path = what.name;
    entry.size = result.bytes;
    entry.etag = result.etag;
    entry.last_modified = result.last_modified;
    entry.sha256 = result.sha256;
    try {
        known_->add(entry);
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::no_space_on_device || error.code().value() == EDQUOT) throw;
        if (!forgets_.exchange(true, std::memory_order_relaxed))
            told_.note(
                std::string(error.what()) + ": the next run will not know all of this one's files",
                hint_for(error.code())
            );
    }
}

void run_records::refused(std::string_view row) {
    if (failed_ != nullptr) list(row);
}

void run_records::list(std::string_view row) {
    try {
        failed_->add(row);
    } catch (const std::system_error& error) {
        if (!list_is_short_.exchange(true, std::memory_order_relaxed))
            told_.note(
                std::string(error.what()) + ": not all that fails will be listed",
                hint_for(error.code())
            );
    }
}

}  // namespace amphi::fetch
