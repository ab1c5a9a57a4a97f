// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>

#include <cerrno>

#include <unistd.h>

namespace amphi {

void descriptor::reset(int fd) noexcept {
    // Linux frees the number even when close(2) reports EINTR: trying again could close another's.
    if (fd_ >= 0) {
        const int saved = errno;
        ::close(fd_);
        errno = saved;
    }
    fd_ = fd;
}

}  // namespace amphi
