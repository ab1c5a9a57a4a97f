// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/ring_buffer.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace amphi::detail {

/// What has become of an attempt to send or to receive.
enum class channel_outcome : std::uint8_t { pending, done, closed };

/// A sender or a receiver that may have to wait. A sender's `item` is what it wants to send; a
/// receiver's is where a sender puts what it brings.
template <class T>
class channel_place : public list_node<channel_place<T>> {
public:
    ticket parked;
    std::optional<T> item;
    channel_outcome outcome = channel_outcome::pending;
};

/// What the ends of a channel share.
///
/// Invariant, under the lock: receivers wait only while nothing is buffered, senders only while the
/// buffer is full, and nobody waits once it is closed. So there is room for whoever finds that the
/// receivers who seemed to wait had all been stopped, and something for a receiver that has found
/// the buffer not empty; and no value overtakes another.
///
/// Who waits is claimed before its place is read or written. One whose claim is lost was ended by
/// something else: it has taken nothing and given nothing.
template <class T>
class channel_state {
    using place = channel_place<T>;
    using wakes = woken_later<place>;

public:
    /// At least one.
    explicit channel_state(std::size_t capacity) noexcept : capacity_(capacity) {}
    channel_state(const channel_state&) = delete;
    channel_state& operator=(const channel_state&) = delete;

    /// Without waiting. Throws `std::bad_alloc`; then nothing was sent.
    channel_outcome try_send(place& sender) {
        wakes to_wake;
        const lock_guard guard(lock_);
        if (buffer_.size() < capacity_) buffer_.make_room();
        return sender.outcome = send(sender, to_wake);
    }
    void send_or_wait(place& sender) {
        wakes to_wake;
        const lock_guard guard(lock_);
        if (buffer_.size() == capacity_ && !is_closed_) {
            waiting_senders_.push_back(sender);
            return;
        }
        if (!is_closed_) buffer_.make_room();  // Before the claim, after which nothing may fail.
        if (sender.parked.claim() != claim_result::lost) sender.outcome = send(sender, to_wake);
    }
    void withdraw_sender(place& sender) noexcept {
        const lock_guard guard(lock_);
        waiting_senders_.remove(sender);
    }

    /// Without waiting.
    channel_outcome try_receive(place& receiver) noexcept {
        wakes to_wake;
        const lock_guard guard(lock_);
        return receiver.outcome = receive(receiver, to_wake);
    }
    void receive_or_wait(place& receiver) noexcept {
        wakes to_wake;
        const lock_guard guard(lock_);
        if (buffer_.empty() && !is_closed_)
            waiting_receivers_.push_back(receiver);
        else if (receiver.parked.claim() != claim_result::lost)
            receiver.outcome = receive(receiver, to_wake);
    }
    void withdraw_receiver(place& receiver) noexcept {
        const lock_guard guard(lock_);
        waiting_receivers_.remove(receiver);
    }

    /// Nothing can be sent any more; what is buffered can be received.
    void close() noexcept {
        wakes to_wake;
        const lock_guard guard(lock_);
        close_and_wake(to_wake);
    }
    [[nodiscard]] bool is_closed() const noexcept {
        const lock_guard guard(lock_);
        return is_closed_;
    }
    [[nodiscard]] std::size_t size() const noexcept {
        const lock_guard guard(lock_);
        return buffer_.size();
    }

    void add_sender() noexcept {
        const lock_guard guard(lock_);
        ++senders_;
    }
    void add_receiver() noexcept {
        const lock_guard guard(lock_);
        ++receivers_;
    }
    /// The last sender closes it.
    void remove_sender() noexcept {
        wakes to_wake;
        const lock_guard guard(lock_);
        if (--senders_ == 0) close_and_wake(to_wake);
    }
    /// The last receiver closes it, and nobody will ask for what is buffered.
    void remove_receiver() noexcept {
        ring_buffer<T> unwanted;  // Ends after the lock's guard: its destructors are others' code.
        wakes to_wake;
        const lock_guard guard(lock_);
        if (--receivers_ != 0) return;
        close_and_wake(to_wake);
        buffer_.swap(unwanted);
    }

private:
    channel_outcome send(place& sender, wakes& to_wake) noexcept AMPHI_REQUIRES(lock_) {
        if (is_closed_) return channel_outcome::closed;
        if (place* const receiver = to_wake.claim_first(waiting_receivers_)) {
            receiver->item.emplace(std::move(*sender.item));
            receiver->outcome = channel_outcome::done;
        } else if (buffer_.size() < capacity_) {
            buffer_.push_back(std::move(*sender.item));
        } else {
            return channel_outcome::pending;
        }
        sender.item.reset();
        return channel_outcome::done;
    }

    channel_outcome receive(place& receiver, wakes& to_wake) noexcept AMPHI_REQUIRES(lock_) {
        if (buffer_.empty()) return is_closed_ ? channel_outcome::closed : channel_outcome::pending;
        receiver.item.emplace(buffer_.pop_front());
        if (place* const sender = to_wake.claim_first(waiting_senders_)) {
            buffer_.push_back(std::move(*sender->item));
            sender->item.reset();
            sender->outcome = channel_outcome::done;
        }
        buffer_.trim();
        return channel_outcome::done;
    }

    void close_and_wake(wakes& to_wake) noexcept AMPHI_REQUIRES(lock_) {
        is_closed_ = true;
        while (place* const sender = to_wake.claim_first(waiting_senders_))
            sender->outcome = channel_outcome::closed;
        while (place* const receiver = to_wake.claim_first(waiting_receivers_))
            receiver->outcome = channel_outcome::closed;
    }

    const std::size_t capacity_;
    mutable lock lock_;
    bool is_closed_ AMPHI_GUARDED_BY(lock_) = false;
    std::size_t senders_ AMPHI_GUARDED_BY(lock_) = 1;
    std::size_t receivers_ AMPHI_GUARDED_BY(lock_) = 1;
    ring_buffer<T> buffer_ AMPHI_GUARDED_BY(lock_);
    intrusive_list<place> waiting_senders_ AMPHI_GUARDED_BY(lock_);
    intrusive_list<place> waiting_receivers_ AMPHI_GUARDED_BY(lock_);
};

}  // namespace amphi::detail
