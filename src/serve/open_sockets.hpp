// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>

#include <cstddef>

namespace amphi::serve {

/// The sockets that a server has open, so that it can tell them all that no more is read. To the
/// task that waits in a read or an accept this looks as if the peer had gone; one that is writing
/// an answer is not disturbed.
///
/// Threads: any.
class open_sockets {
public:
    class entry;

    /// From now on no socket here is read from, including those that are still to come.
    void end_reading() noexcept;

    [[nodiscard]] bool is_ended() const noexcept;

    /// How many there are now.
    [[nodiscard]] std::size_t count() const noexcept;

private:
    class node : public detail::list_node<node> {
    public:
        int socket = -1;
    };

    mutable detail::lock lock_;
    bool is_ended_ AMPHI_GUARDED_BY(lock_) = false;
    std::size_t count_ AMPHI_GUARDED_BY(lock_) = 0;
    detail::intrusive_list<node> list_ AMPHI_GUARDED_BY(lock_);
};

/// A socket's place in the list. Lifetime: ends before the socket is closed.
class open_sockets::entry {
public:
    entry(open_sockets& in, int socket) noexcept;
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    ~entry();

private:
    open_sockets& in_;
    node node_;
};

}  // namespace amphi::serve
