// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/lock.hpp>
#include <amphi/io/completion.hpp>
#include <amphi/net/endpoint.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace amphi::detail {

/// What is asked, and who wants to know.
struct lookup {
    std::string host;
    std::uint16_t port;
    completer<std::vector<net::endpoint>> answer;
};

/// A few threads for a blocking question. They come with work and go without.
///
/// Threads: any. Lifetime: until its last question is answered.
class lookup_pool {
public:
    using ask_function =
        std::vector<net::endpoint> (*)(const std::string& host, std::uint16_t port);

    lookup_pool(std::size_t running_max, ask_function ask) noexcept
        : running_max_(running_max)
        , ask_(ask) {}

    /// Answers it on one of the pool's threads, in turn. Nobody left to wait for it: it is dropped.
    void start(lookup asked);

private:
    static void run(void* pool);
    /// Nothing: the thread leaves.
    [[nodiscard]] std::optional<lookup> next();
    void answer(const lookup& asked) const noexcept;
    void thread_failed(const std::exception_ptr& error);

    const std::size_t running_max_;
    const ask_function ask_;
    lock lock_;
    std::deque<lookup> waiting_ AMPHI_GUARDED_BY(lock_);
    std::size_t running_ AMPHI_GUARDED_BY(lock_) = 0;
};

}  // namespace amphi::detail
