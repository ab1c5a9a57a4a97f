// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace amphi::detail {

constexpr int number_max = 64;

/// The signals of a set, one bit each.
using signal_set = std::uint64_t;

[[nodiscard]] constexpr signal_set bit_of(int number) noexcept {
    return signal_set{1} << static_cast<unsigned>(number - 1);
}

/// One listener, as the signal handler knows it: a pipe that holds a byte for each signal that is
/// to be received. So what waits for it is told the truth by its readiness alone, also as a branch
/// of a select, which takes nothing before it has won.
///
/// A slot is never freed: the handler walks the list of all of them, without a lock, on any
/// thread and in the midst of anything. It is used again after its listener.
class signal_slot {
public:
    signal_slot() noexcept = default;

    /// Handler: tells the listener, unless it does not want to know or knows already.
    void tell(int number) noexcept;

    /// Its listener, and no other at the time: takes one signal.
    [[nodiscard]] std::optional<int> take();

    /// Opens the pipe and begins to listen. Throws `std::system_error`.
    void open(signal_set wanted);
    /// When it returns no handler is inside, so that the pipe could be closed.
    void close() noexcept;
    /// In a fork: a pipe of its own in place of the one that it shares with its parent.
    void separate_from_parent() noexcept;

    [[nodiscard]] bool is_open() const noexcept { return wanted_ != 0; }
    [[nodiscard]] signal_set wanted() const noexcept { return wanted_; }
    [[nodiscard]] int read_end() const noexcept { return read_end_; }

    signal_slot* next = nullptr;  ///< never changes once it is in the list

private:
    static constexpr std::uint32_t closed = 0x8000'0000;

    // How many handlers are inside, and `closed`, which turns away those that come later:
    //   +1 -1            a handler enters and leaves
    //   open, close      take `closed` away, and add it; nothing else of the slot is written while
    //                    it is away, and only `close` sleeps on the word, until nobody is inside
    atomic<std::uint32_t> visitors_{closed};
    // Whether a signal has a byte in the pipe. A handler sets it and, if it was not set, writes;
    // the listener reads, then resets. A signal that comes between the two is one with that which
    // is about to be reported. relaxed: the pipe carries the order.
    std::array<atomic<bool>, number_max + 1> told_{};
    signal_set wanted_ = 0;
    int read_end_ = -1;
    int write_end_ = -1;
};

}  // namespace amphi::detail
