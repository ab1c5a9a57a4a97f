// SPDX-License-Identifier: BSL-1.0
#include "connection.hpp"

#include <amphi/base/error.hpp>
#include <amphi/net/send_file.hpp>
#include <amphi/net/stream_access.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "request.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include <sys/types.h>
#include <unistd.h>

namespace amphi::serve {

namespace {

using std::chrono::milliseconds;

// A file's beginning is copied and leaves with the head, in one call and often one packet; the
// rest, if any, goes from the page cache to the socket without a copy.
constexpr std::uint64_t copied_max = std::uint64_t{64} * 1024;

// What a client that was refused may still send before the connection is cut.
constexpr std::size_t discarded_max = std::size_t{256} * 1024;
constexpr milliseconds discard_timeout{1000};

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// The next piece of a file, read to the end of `into` or of the file.
void read_piece(int file, std::span<std::byte> into, std::uint64_t first) {
    while (!into.empty()) {
        const ssize_t count = pread(file, into.data(), into.size(), static_cast<off_t>(first));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) detail::throw_system_error(errno, "cannot read a served file");
        // The length was promised: all that is left is to break the connection.
        if (count == 0) detail::throw_system_error(EIO, "a served file has shrunk");
        into = into.subspan(static_cast<std::size_t>(count));
        first += static_cast<std::uint64_t>(count);
    }
}

task<std::size_t> write_step(
    net::tcp_stream& to, std::span<const std::byte> first, std::span<const std::byte> second
) {
    co_return co_await to.write_some(first, second);
}

/// Writes one after the other. The client must take something within `stall` each time.
task<> write_both(
    net::tcp_stream& to,
    std::span<const std::byte> first,
    std::span<const std::byte> second,
    milliseconds stall
) {
    while (!first.empty() || !second.empty()) {
        std::size_t count = co_await timeout(stall, write_step, to, first, second);
        const std::size_t of_first = std::min(count, first.size());
        first = first.subspan(of_first);
        second = second.subspan(count - of_first);
    }
}

/// Sends what the socket takes.
task<std::uint64_t> send_step(net::tcp_stream& to, const response& sent, std::uint64_t done) {
    const std::uint64_t count = co_await detail::send_file_some(
        detail::stream_access::of(to), sent.file(), sent.first() + done, sent.size() - done
    );
    if (count == 0) detail::throw_system_error(EIO, "a served file has shrunk");
    co_return count;
}

}  // namespace

connection::connection(
    net::tcp_stream& client,
    const folder& files,
    const server_options& options,
    const open_sockets& all
)
    : client_(client)
    , files_(files)
    , options_(options)
    , all_(all)
    , buffer_(std::make_unique_for_overwrite<char[]>(options.head_bytes_max())) {}

task<> connection::run() {
    bool keep = true;
    while (keep) {
        co_await await_head();
        if (state_ == head_state::ended) co_return;
        if (state_ == head_state::refused) {
            const response refused = refuse(refusal_);
            co_await send(refused);
            break;
        }
        keep = co_await answer_one();
    }
    co_await close_gently();
}

std::string_view connection::received() const noexcept {
    return {buffer_.get() + begin_, end_ - begin_};
}

/// Whether all places are taken: then a client that kept its own while it asks for nothing would
/// hold up those who have something to ask.
bool connection::others_may_wait() const noexcept {
    constexpr std::size_t listeners = 1;
    return all_.count() >= options_.connections_max() + listeners;
}

/// Sees whether a request's head has come, or what makes it none.
void connection::look_for_head() {
    // An empty line before a request is to be passed over (RFC 9112, 2.2).
    while (received().starts_with("\r\n"))
        begin_ += 2;
    const head_scan scan = scan_head(received(), scanned_);
    if (scan.found == head_scan::state::complete) {
        state_ = head_state::complete;
        head_size_ = scan.size;
    } else if (scan.found == head_scan::state::malformed) {
        state_ = head_state::refused;
        refusal_ = status::bad_request;
    } else if (end_ - begin_ == options_.head_bytes_max()) {
        state_ = head_state::refused;
        refusal_ = status::header_too_large;
    } else {
        scanned_ = end_ - begin_;
    }
}

/// Adds to what has been received; false at the end of the stream.
task<bool> connection::read_more() {
    if (begin_ > 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const std::span free(buffer_.get() + end_, options_.head_bytes_max() - end_);
    const std::size_t count = co_await client_.read_some(std::as_writable_bytes(free));
    end_ += count;
    co_return count > 0;
}

task<> connection::read_until_head() {
    while (state_ == head_state::ended) {
        const bool more = co_await read_more();
        if (!more) co_return;
        look_for_head();
    }
}

/// Waits for a head within its time. In the end `state_` says what has come. A client that is too
/// slow gets an answer if it has begun to ask.
task<> connection::await_head() {
    state_ = head_state::ended;
    scanned_ = 0;
    look_for_head();  // A client may send its requests without waiting for the answers.
    const bool is_idle = !is_first_ && begin_ == end_;
    is_first_ = false;
    try {
        if (state_ == head_state::ended && is_idle) {
            const bool more = co_await timeout(
                options_.idle_timeout(), [](connection& self) { return self.read_more(); }, *this
            );
            if (!more) co_return;
            look_for_head();
        }
        if (state_ == head_state::ended)
            co_await timeout(
                options_.head_timeout(),
                [](connection& self) { return self.read_until_head(); },
                *this
            );
    } catch (const timed_out&) {
        if (begin_ == end_) co_return;
        state_ = head_state::refused;
        refusal_ = status::request_timeout;
    }
}

/// Answers the request that has come; false when the connection is to be closed after it.
task<bool> connection::answer_one() {
    std::variant<request, status> parsed = parse_request(received().substr(0, head_size_));
    begin_ += head_size_;
    if (options_.delay() > milliseconds::zero()) co_await sleep_for(options_.delay());
    auto* const asked = std::get_if<request>(&parsed);
    if (asked != nullptr && others_may_wait()) asked->keep_alive = false;
    const response answered =
        asked != nullptr ? answer(*asked, files_) : refuse(std::get<status>(parsed));
    co_await send(answered);
    co_return answered.keep_alive();
}

task<> connection::send(const response& sent) {
    const auto copied_size = static_cast<std::size_t>(std::min(sent.size(), copied_max));
    const auto copied = std::make_unique_for_overwrite<std::byte[]>(copied_size);
    const std::span<std::byte> piece(copied.get(), copied_size);
    read_piece(sent.file(), piece, sent.first());
    co_await write_both(client_, bytes_of(sent.text()), piece, options_.stall_timeout());
    for (std::uint64_t done = copied_size; done < sent.size();) {
        done += co_await timeout(options_.stall_timeout(), send_step, client_, sent, done);
    }
}

task<> connection::discard_until_end() {
    std::array<std::byte, 4096> discarded{};
    for (std::size_t total = 0; total < discarded_max;) {
        const std::size_t count = co_await client_.read_some(discarded);
        if (count == 0) co_return;
        total += count;
    }
}

/// Ends our side, then waits for the client to end his: to close at once while he still sends would
/// reset the connection, and the answer might be lost on its way.
task<> connection::close_gently() {
    client_.shutdown_write();
    co_await timeout(
        discard_timeout, [](connection& self) { return self.discard_until_end(); }, *this
    );
}

}  // namespace amphi::serve
