// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>

#include "folder.hpp"
#include "open_sockets.hpp"
#include "response.hpp"
#include "server_options.hpp"
#include "status.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace amphi::serve {

/// One client: reads a request, answers it, and again while the connection is kept.
///
/// Cancellation: ends at the next wait; an answer may be cut short.
/// Errors: `run` throws what ends the connection early: `timed_out` when the client was too slow,
/// `std::system_error` when it has gone.
class connection {
public:
    /// `all`: the sockets of the server, its listener's too.
    connection(
        net::tcp_stream& client,
        const folder& files,
        const server_options& options,
        const open_sockets& all
    );

    [[nodiscard]] task<> run();

private:
    // ended: no whole head has come, and after the wait for it none will.
    enum class head_state : unsigned char { complete, refused, ended };

    [[nodiscard]] std::string_view received() const noexcept;
    [[nodiscard]] bool others_may_wait() const noexcept;
    void look_for_head();
    [[nodiscard]] task<bool> read_more();
    [[nodiscard]] task<> read_until_head();
    [[nodiscard]] task<> await_head();
    [[nodiscard]] task<bool> answer_one();
    [[nodiscard]] task<> send(const response& sent);
    [[nodiscard]] task<> discard_until_end();
    [[nodiscard]] task<> close_gently();

    net::tcp_stream& client_;
    const folder& files_;
    const server_options& options_;
    const open_sockets& all_;

    // received: buffer_[begin_, end_); of it the first `scanned_` bytes hold no end of a head.
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t scanned_ = 0;

    bool is_first_ = true;
    head_state state_ = head_state::ended;
    std::size_t head_size_ = 0;
    status refusal_ = status::bad_request;
};

}  // namespace amphi::serve
