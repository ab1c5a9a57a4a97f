// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <type_traits>

/// The interleave build's atomics: see `src/base/interleave_simulation.hpp` for what drives them.
namespace amphi::detail::interleave {

/// The value of any cell, in its low bytes.
using word = std::uint64_t;
using place = std::source_location;

enum class change : std::uint8_t { exchange, add, subtract };

/// The accesses. Each lets the scheduler choose who goes on, then happens in the model of memory;
/// on a thread that no simulation runs, it is a real atomic access.
AMPHI_EXPORT word
load(const void* cell, std::size_t bytes, std::memory_order order, const place& here) noexcept;
AMPHI_EXPORT void store(
    void* cell, std::size_t bytes, word value, std::memory_order order, const place& here
) noexcept;
AMPHI_EXPORT word modify(
    void* cell,
    std::size_t bytes,
    change how,
    word operand,
    std::memory_order order,
    const place& here
) noexcept;
/// `spurious`: it may fail without reason, as `compare_exchange_weak`.
AMPHI_EXPORT bool compare_exchange(
    void* cell,
    std::size_t bytes,
    word& expected,
    word desired,
    std::memory_order success,
    std::memory_order failure,
    bool spurious,
    const place& here
) noexcept;

/// The cell's lifetime ends. Whoever has used it must have handed it over by then.
AMPHI_EXPORT void destroyed(void* cell, std::size_t bytes) noexcept;

/// `std::atomic` as far as the library uses it, with the same layout.
template <class T>
class atomic {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(word));
    using order = std::memory_order;

public:
    constexpr atomic() noexcept : value_{} {}
    constexpr explicit(false) atomic(T value) noexcept : value_(value) {}
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;
    ~atomic() { destroyed(&value_, sizeof(T)); }

    [[nodiscard]] T load(order o, place here = place::current()) const noexcept {
        return value_of(interleave::load(&value_, sizeof(T), o, here));
    }
    void store(T value, order o, place here = place::current()) noexcept {
        interleave::store(&value_, sizeof(T), word_of(value), o, here);
    }
    T exchange(T value, order o, place here = place::current()) noexcept {
        return modify(change::exchange, value, o, here);
    }
    T fetch_add(T value, order o, place here = place::current()) noexcept {
        return modify(change::add, value, o, here);
    }
    T fetch_sub(T value, order o, place here = place::current()) noexcept {
        return modify(change::subtract, value, o, here);
    }
    bool compare_exchange_strong(
        T& expected, T desired, order success, order failure, place here = place::current()
    ) noexcept {
        return compare_exchange(expected, desired, success, failure, false, here);
    }
    bool compare_exchange_weak(
        T& expected, T desired, order success, order failure, place here = place::current()
    ) noexcept {
        return compare_exchange(expected, desired, success, failure, true, here);
    }

private:
    [[nodiscard]] static word word_of(T value) noexcept {
        word result = 0;
        std::memcpy(&result, &value, sizeof(T));
        return result;
    }
    [[nodiscard]] static T value_of(word from) noexcept {
        T result;
        std::memcpy(static_cast<void*>(&result), &from, sizeof(T));
        return result;
    }
    T modify(change how, T operand, order o, const place& here) noexcept {
        return value_of(interleave::modify(&value_, sizeof(T), how, word_of(operand), o, here));
    }
    bool compare_exchange(
        T& expected, T desired, order success, order failure, bool spurious, const place& here
    ) noexcept {
        word seen = word_of(expected);
        const bool done = interleave::compare_exchange(
            &value_, sizeof(T), seen, word_of(desired), success, failure, spurious, here
        );
        expected = value_of(seen);
        return done;
    }

    T value_;
};

}  // namespace amphi::detail::interleave
