// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <cstddef>
#include <utility>

namespace amphi::fetch {

place::place(const target_folder& root, const std::string& path) : root_(root) {
    const std::size_t slash = path.rfind('/');
    if (slash != std::string::npos) {
        path_ = path.substr(0, slash);
        find(target_folder::missing::nothing);
    }
    name_ = path.substr(slash + 1);
}

void place::find(target_folder::missing parts) {
    auto found = root_.below(path_, parts);
    if (found) inner_.emplace(std::move(*found));
}

const target_folder& place::made_folder() {
    if (folder() == nullptr) find(target_folder::missing::made);
    return *folder();
}

}  // namespace amphi::fetch
