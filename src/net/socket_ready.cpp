// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/socket_ready.hpp>

#include <amphi/io/readable.hpp>

namespace amphi::detail {

bool socket_ready::poll() {
    ready_.set_where(*where_);
    // The edge that is taken here is seen below, if it still holds; so whoever reads next must try.
    if (drained_ != nullptr) *drained_ = false;
    if (where_->suspends()) {
        watch_.attach_once(fd_);
        (void)watch_.take(direction_);
    }
    return is_ready_now(fd_, direction_);
}

}  // namespace amphi::detail
