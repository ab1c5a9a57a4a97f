// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/event_source.hpp>
#include <amphi/base/intrusive_list.hpp>

#include <cstdint>

namespace amphi::http::detail {

class worker_multi;

/// A socket of libcurl's in a worker's driver, level-triggered, as libcurl expects.
///
/// libcurl gives up its interest after each transfer and takes it again with the next one on the
/// same connection. To spare two system calls a transfer the driver keeps watching in between: the
/// first event that nobody wanted, which is the server's farewell as a rule, ends that.
class worker_socket final : public amphi::detail::event_source,
                            public amphi::detail::list_node<worker_socket> {
public:
    worker_socket(worker_multi& owner, int fd) noexcept : owner_(owner), fd_(fd) {}
    ~worker_socket();

    [[nodiscard]] int fd() const noexcept { return fd_; }

    /// What libcurl wants from now on (CURL_POLL_...). Throws `std::system_error`.
    void want(int poll);
    /// The number is that of a new socket. libcurl closes one that is not connected yet on its own,
    /// takes the next, which may get the same number, and says nothing of it when it wants the same
    /// of both. Throws `std::system_error`.
    void reopen();
    /// The socket is about to be closed.
    void close() noexcept;

    /// Takes the events that were noted, as CURL_CSELECT_...; zero when nobody wants them, and then
    /// the driver stops watching.
    [[nodiscard]] int take_events() noexcept;

private:
    void on_events(std::uint32_t events) noexcept override;

    worker_multi& owner_;
    const int fd_;
    std::uint32_t watched_ = 0;  // what the driver reports
    std::uint32_t wanted_ = 0;   // what libcurl asked for; zero: nothing now
    std::uint32_t noted_ = 0;
};

}  // namespace amphi::http::detail
