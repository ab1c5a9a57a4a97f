// SPDX-License-Identifier: BSL-1.0
#include "carrier.hpp"

#include <amphi/base/assert.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/descriptor.hpp>

#include "easy_options.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

namespace amphi::http::detail {

namespace {

// All transfers of the process share this much for receiving. 16 KB, which is libcurl's own size,
// are many calls for a large file; but what a large buffer saves is not worth the memory of
// hundreds, and beyond 256 KB nothing: what comes is copied to the page cache in any case.
constexpr long buffers_bytes = 2L << 20;
constexpr long buffer_bytes_min = 8L << 10;
constexpr long buffer_bytes_max = 256L << 10;
// A new transfer gets this part of what is left, so that those that begin later get something too:
// with n of them under way each comes to have `buffers_bytes` / (n + 7).
constexpr long buffers_left_share = 8;

// Below zero when so many are under way that each has the least. relaxed: it only decides sizes.
constinit amphi::detail::atomic<long> buffers_left{buffers_bytes};

/// A handle of libcurl's costs some 5 KB; more than this many idle ones are let go.
constexpr std::size_t idle_max = 256;

}  // namespace

carrier::carrier(long connections_max) : multi_(make_multi(connections_max)) {}

carrier::~carrier() {
    AMPHI_ASSERT(active_.empty());
}

void carrier::disconnect() noexcept {
    multi_.reset();
}

curl_easy carrier::take_easy() {
    if (!idle_.empty()) {
        curl_easy easy = std::move(idle_.back());
        idle_.pop_back();
        return easy;
    }
    curl_easy easy(curl_easy_init());
    if (!easy) throw std::bad_alloc();
    set_common_options(easy.get());
    // So that taking it back cannot fail.
    idle_.reserve(std::min(idle_max, idle_.capacity() * 2 + 8));
    return easy;
}

long carrier::buffer_bytes() const noexcept {
    const long share = buffers_left.load(std::memory_order_relaxed) / buffers_left_share;
    // A large buffer for a small body costs more than it brings: fresh pages, and the allocator's
    // work on a block of that size for each transfer. What came last tells what comes next.
    const long bytes =
        std::clamp(std::min(share, typical_bytes_), buffer_bytes_min, buffer_bytes_max);
    // Few different sizes: one's buffer fits where another's was.
    return static_cast<long>(std::bit_floor(static_cast<unsigned long>(bytes)));
}

void carrier::learn(std::uint64_t body_bytes) noexcept {
    const auto bytes = static_cast<long>(std::min<std::uint64_t>(body_bytes, buffer_bytes_max));
    typical_bytes_ += (bytes - typical_bytes_) / 8;
}

void carrier::start(transfer& t, const curl_slist* addresses) {
    curl_easy easy = take_easy();
    t.configure(easy.get(), addresses);
    curl_easy_setopt(easy.get(), CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy.get(), CURLOPT_OPENSOCKETDATA, this);
    customise(easy.get());
    const long bytes = buffer_bytes();
    curl_easy_setopt(easy.get(), CURLOPT_BUFFERSIZE, bytes);
    hosts_.begin(t);
    const CURLMcode added = curl_multi_add_handle(multi(), easy.get());
    if (added != CURLM_OK) hosts_.end(t);
    check(added, "begin a transfer");
    t.begin(*this, easy.release(), bytes);
    active_.push_back(t);
    buffers_left.fetch_sub(bytes, std::memory_order_relaxed);
}

curl_socket_t carrier::on_open(void* self, curlsocktype, curl_sockaddr* where) {
    // libcurl itself would let programs that are started meanwhile inherit it.
    descriptor made(::socket(where->family, where->socktype | SOCK_CLOEXEC, where->protocol));
    try {
        if (made) static_cast<carrier*>(self)->opened(made.get());
        return made ? made.release() : CURL_SOCKET_BAD;
    } catch (const std::exception&) {
        return CURL_SOCKET_BAD;
    }
}

void carrier::release(transfer& t) noexcept {
    buffers_left.fetch_add(t.buffer_bytes(), std::memory_order_relaxed);
    active_.remove(t);
    std::erase(refused_, &t);
    std::erase(answered_, &t);
    curl_easy easy(t.easy());
    curl_multi_remove_handle(multi(), easy.get());
    hosts_.end(t);
    t.end();
    if (idle_.size() < idle_.capacity()) idle_.push_back(std::move(easy));
}

void carrier::serve(transfer& t) noexcept {
    switch (t.current()) {
    case transfer::state::running:
        // Offers the refused piece again; refused once more, `collect` sees it.
        curl_easy_pause(t.easy(), CURLPAUSE_CONT);
        may_stall(t);
        break;
    case transfer::state::stopping:
        release(t);
        t.settle(transfer::state::done);
        break;
    case transfer::state::paused:
    case transfer::state::done:
        break;
    }
    collect();
}

void carrier::learn_of_hosts() noexcept {
    bool lifted = false;
    for (const transfer* const t : std::exchange(answered_, {}))
        lifted = hosts_.answered(*t, t->easy()) || lifted;
    if (!lifted) return;
    // Those that wait for a connection are told by libcurl when a handle leaves.
    const curl_easy any(curl_easy_init());
    if (any && curl_multi_add_handle(multi(), any.get()) == CURLM_OK)
        curl_multi_remove_handle(multi(), any.get());
}

void carrier::collect() noexcept {
    learn_of_hosts();
    for (transfer* const t : std::exchange(refused_, {}))
        t->settle(transfer::state::paused);
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        transfer* t = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
        t->finish(code);
        learn(t->body_bytes());
        release(*t);
        t->settle(transfer::state::done);
    }
}

void carrier::end_stalled(time_point now) noexcept {
    for (transfer* t = active_.front(); t != nullptr;) {
        transfer* const next = active_.next(*t);
        if (t->stalled_at() <= now) {
            t->finish_stalled();
            release(*t);
            t->settle(transfer::state::done);
        }
        t = next;
    }
}

time_point carrier::next_stall() const noexcept {
    time_point next = never;
    for (const transfer* t = active_.front(); t != nullptr; t = active_.next(*t))
        next = std::min(next, t->stalled_at());
    return next;
}

}  // namespace amphi::http::detail
