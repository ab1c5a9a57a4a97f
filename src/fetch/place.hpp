// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "target_folder.hpp"

#include <optional>
#include <string>

namespace amphi::fetch {

/// Where a file goes: a folder below the output folder, and its name there. No folder is made
/// before it is needed.
///
/// Threads: one at a time. Errors: `std::system_error`, also for a symbolic link on the way.
class place {
public:
    place(const target_folder& root, const std::string& path);
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() = default;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Null when it is not there.
    [[nodiscard]] const target_folder* folder() const noexcept {
        if (inner_) return &*inner_;
        return path_.empty() ? &root_ : nullptr;
    }
    [[nodiscard]] const target_folder& made_folder();
    [[nodiscard]] bool is_taken() const noexcept {
        return folder() != nullptr && folder()->has(name_);
    }

private:
    void find(target_folder::missing parts);

    const target_folder& root_;
    std::string path_;  // of the folder, from the root; empty: the root
    std::string name_;
    std::optional<target_folder> inner_;
};

}  // namespace amphi::fetch
