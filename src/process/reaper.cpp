// SPDX-License-Identifier: BSL-1.0
#include "reaper.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/fork.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/thread_pool.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi::detail {

namespace {

/// One plain thread for all of them, which ends with the last. It asks for nothing but pidfds, so
/// it takes no answer that somebody else waits for.
class reaper {
public:
    void add(descriptor process) {
        const lock_guard guard(lock_);
        new_.push_back(std::move(process));
        if (!wake_) wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (is_running_) {
            const std::uint64_t one = 1;
            (void)!::write(wake_.get(), &one, sizeof one);
            return;
        }
        start_on_plain_thread({run, this});
        is_running_ = true;
    }

private:
    static void run(void* self) { static_cast<reaper*>(self)->reap(); }

    void reap() {
        std::vector<pollfd> watched;
        while (take_new()) {
            watched.assign(1, {wake_fd_, POLLIN, 0});
            for (const descriptor& process : waiting_)
                watched.push_back({process.get(), POLLIN, 0});
            // Refused where the limit of descriptors was lowered below what is open: one by one
            // then.
            siginfo_t first{};
            if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR)
                ::waitid(
                    P_PIDFD, static_cast<id_t>(waiting_.front().get()), &first, WEXITED | WNOWAIT
                );
            std::erase_if(waiting_, [](const descriptor& process) {
                siginfo_t ended{};
                const auto id = static_cast<id_t>(process.get());
                // A failure is the answer that somebody else has taken.
                return ::waitid(P_PIDFD, id, &ended, WEXITED | WNOHANG) != 0 || ended.si_pid != 0;
            });
        }
    }

    /// False when there is nobody to wait for: the thread is to end.
    bool take_new() {
        const lock_guard guard(lock_);
        std::uint64_t count = 0;
        (void)!::read(wake_.get(), &count, sizeof count);
        waiting_.insert(
            waiting_.end(),
            std::make_move_iterator(new_.begin()),
            std::make_move_iterator(new_.end())
        );
        new_.clear();
        wake_fd_ = wake_.get();
        is_running_ = !waiting_.empty();
        return is_running_;
    }

    lock lock_;
    std::vector<descriptor> new_ AMPHI_GUARDED_BY(lock_);
    descriptor wake_ AMPHI_GUARDED_BY(lock_);  // an eventfd; once made it stays
    bool is_running_ AMPHI_GUARDED_BY(lock_) = false;
    // The thread's own.
    std::vector<descriptor> waiting_;
    int wake_fd_ = -1;
};

reaper* make_reaper() {
    return new reaper;
}

}  // namespace

void reap_later(descriptor process) noexcept {
    try {
        one_per_process<reaper, make_reaper>().add(std::move(process));
    } catch (...) {
        // Without a thread those that wait are taken along by the next one that is started.
    }
}

}  // namespace amphi::detail
