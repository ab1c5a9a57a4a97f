// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/interleave.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace amphi::detail::interleave {

inline constexpr std::size_t threads_max = 8;

/// Where every choice of a run comes from. (Steele, Lea, Flood, "Fast Splittable Pseudorandom
/// Number Generators": SplitMix64.)
class random_source {
public:
    explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t next() noexcept;
    /// At least zero and less than `bound`.
    std::size_t below(std::size_t bound) noexcept {
        return static_cast<std::size_t>(next() % bound);
    }
    bool one_in(std::size_t n) noexcept { return below(n) == 0; }

private:
    std::uint64_t state_;
};

/// What a thread knows of each thread's past. Time is a thread's number of accesses; zero: never.
class vector_clock {
public:
    using stamp = std::uint32_t;

    [[nodiscard]] stamp& operator[](std::size_t thread) noexcept { return at_[thread]; }
    [[nodiscard]] bool knows(std::size_t thread, stamp when) const noexcept {
        return when <= at_[thread];
    }
    void learn(const vector_clock& other) noexcept;

private:
    std::array<stamp, threads_max> at_{};
};

enum class access_kind : std::uint8_t { read, write, atomic };

/// C++'s memory for the threads of one run, which take turns: what each access may see, and which
/// accesses race.
///
/// An atomic cell keeps its last few stores. A load may see any that neither it nor anything that
/// happened before it has seen superseded; an acquiring load learns what the releasing store knew.
/// A sequentially consistent access is modelled a little too strong: it also learns what all those
/// before it knew. Nothing is modelled too weak, so what is found is a bug; stores that become
/// visible before an earlier load of their own thread are left out, as by all testers that run the
/// program in order.
///
/// Plain accesses are checked against all unordered ones of other threads. So are the constructor
/// and destructor of atomics: a touch of something that somebody else may destroy is a race.
class memory {
public:
    /// `weak`: loads may see old stores. Otherwise the run is sequentially consistent, but what is
    /// not ordered by acquire and release still counts as a race.
    memory(random_source& random, bool weak);

    word load(std::size_t thread, const void* cell, std::size_t bytes, std::memory_order order);
    void
    store(std::size_t thread, void* cell, std::size_t bytes, word value, std::memory_order order);
    /// Replaces `expected`, where it is given and is what the cell holds, else anything.
    /// Returns what was there.
    word
    modify(std::size_t thread, void* cell, std::size_t bytes, word value, std::memory_order order);
    /// What a read-modify-write would find now.
    [[nodiscard]] word newest(const void* cell, std::size_t bytes);
    /// A relaxed load that sees the oldest that is kept.
    word load_oldest(std::size_t thread, const void* cell, std::size_t bytes);
    /// A load that sees anything but `unwanted`, which is not the newest.
    word load_other_than(
        std::size_t thread,
        const void* cell,
        std::size_t bytes,
        word unwanted,
        std::memory_order order
    );

    /// A plain access, or the end of an atomic; `code` names it in a report.
    void plain(
        std::size_t thread, const void* first, std::size_t bytes, access_kind kind, const void* code
    );
    void forget_atomic(const void* cell) { cells_.erase(cell); }
    /// Memory that the allocator hands out again.
    void forget_plain(const void* first, std::size_t bytes);

    /// The edges of a thread's start and end: what `from` has done until now happened before.
    void learn(std::size_t thread, std::size_t from) noexcept {
        clocks_[thread].learn(clocks_[from]);
        ++clocks_[from][from];
    }
    /// An access to an atomic that is not the library's: `std::shared_ptr`'s count, for example.
    void synchronise(std::size_t thread) noexcept {
        consistent_.learn(clocks_[thread]);
        clocks_[thread].learn(consistent_);
        ++clocks_[thread][thread];
    }

    struct race {
        std::size_t thread, other;
        access_kind kind, other_kind;
        const void *code, *other_code;
    };
    /// The first race since the last call.
    [[nodiscard]] std::optional<race> take_race() noexcept;

private:
    struct stored {
        word value = 0;
        vector_clock published;  // what an acquiring load learns
        vector_clock seen;       // when each thread has first seen or written it
    };
    using history = std::vector<stored>;

    struct trace_of_access {
        std::uint8_t bytes_mask;
        access_kind kind;
        std::uint8_t thread;
        vector_clock::stamp when;
        const void* code;
    };
    using granule = std::vector<trace_of_access>;

    history& history_of(const void* cell, std::size_t bytes);
    [[nodiscard]] std::size_t oldest_visible(std::size_t thread, const history& stores) noexcept;
    void begin(std::size_t thread, const void* cell, std::size_t bytes, std::memory_order order);
    void append(std::size_t thread, history& stores, stored s, std::memory_order order);
    word see(std::size_t thread, stored& s, std::memory_order order);
    void check_granule(std::uintptr_t number, const trace_of_access& made);

    random_source& random_;
    const bool weak_;
    std::array<vector_clock, threads_max> clocks_{};
    vector_clock consistent_;  // what all sequentially consistent stores knew
    std::unordered_map<const void*, history> cells_;
    std::unordered_map<std::uintptr_t, granule> plain_;
    std::optional<race> race_;
};

}  // namespace amphi::detail::interleave
