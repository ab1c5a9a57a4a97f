// SPDX-License-Identifier: BSL-1.0
#include "passed_descriptors.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/net/unix.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace amphi::detail {

namespace {

constexpr std::size_t count_most = net::unix_stream::descriptors_max;

// SCM_PIDFD, which this system's headers may be too old to have.
constexpr int peers_pidfd = 4;

/// Room for the descriptors, and for the credentials and the pidfd that come too where the user has
/// asked the socket for them.
class control_room {
public:
    [[nodiscard]] std::byte* data() noexcept { return bytes_.data(); }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return size_most; }

private:
    static constexpr std::size_t size_most =
        CMSG_SPACE(sizeof(int) * count_most) + CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(int));
    alignas(cmsghdr) std::array<std::byte, size_most> bytes_;  // not cleared: the kernel fills it
};

/// What a message has brought, which the kernel has opened in this process.
class taken_descriptors {
public:
    void take(const cmsghdr& part) noexcept {
        const std::size_t size = (part.cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < size && count_ < owned_.size(); ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(&part) + i * sizeof fd, sizeof fd);
            owned_[count_++].reset(fd);
        }
    }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Should there be no memory for them, they are closed here.
    [[nodiscard]] std::vector<descriptor> give() {
        std::vector<descriptor> given;
        given.reserve(count_);
        for (std::size_t i = 0; i < count_; ++i)
            given.push_back(std::move(owned_[i]));
        return given;
    }

private:
    std::array<descriptor, count_most> owned_;  // here first: nothing can fail
    std::size_t count_ = 0;
};

}  // namespace

ssize_t send_with_descriptors(
    int fd, std::span<const std::byte> from, std::span<const int> passed
) noexcept {
    if (passed.size() > count_most) return -EINVAL;
    control_room control;
    iovec bytes{const_cast<std::byte*>(from.data()), from.size()};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    if (!passed.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(passed.size_bytes());
        cmsghdr* const part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(passed.size_bytes());
        std::memcpy(CMSG_DATA(part), passed.data(), passed.size_bytes());
    }
    const ssize_t count = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    return count >= 0 ? count : -errno;
}

ssize_t descriptor_message::receive(int fd, std::span<std::byte> into, std::size_t count_max) {
    control_room control;
    iovec bytes{into.data(), into.size()};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (count < 0) return -errno;
    taken_descriptors taken;
    taken_descriptors unasked;  // closed here
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SCM_RIGHTS) taken.take(*part);
        if (part->cmsg_type == peers_pidfd) unasked.take(*part);
    }
    // The room is for as many as the kernel passes: it lost some only if it could not open them.
    if ((message.msg_flags & MSG_CTRUNC) != 0)
        error = EMFILE;
    else if (taken.count() > count_max)
        error = EMSGSIZE;
    else
        descriptors = taken.give();
    return count;
}

}  // namespace amphi::detail
