// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/task/sendable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace amphi {

namespace detail {

template <class T>
class delay_heap;

}  // namespace detail

/// Names an item in a `delay_queue`, for as long as that exists. That of an item that was taken out
/// names nothing.
class delay_key {
public:
    [[nodiscard]] friend bool operator==(const delay_key&, const delay_key&) noexcept = default;

private:
    template <class T>
    friend class detail::delay_heap;

    delay_key(std::size_t slot, std::uint64_t number) noexcept : slot_(slot), number_(number) {}

    // A slot is used again, a number is not.
    std::size_t slot_;
    std::uint64_t number_;
};

template <>
inline constexpr bool enable_sendable<delay_key> = true;

namespace detail {

/// Items by their times, of one time as they were inserted; each is found by its key too. A heap of
/// times, whose entries name the slots that the items stay in. Not thread-safe.
template <class T>
class delay_heap {
public:
    [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

    /// When the first item is due; `never` when there is none.
    [[nodiscard]] time_point first_due() const noexcept {
        return heap_.empty() ? never : heap_.front().when;
    }

    /// Throws `std::bad_alloc`; then nothing has changed.
    delay_key insert(T item, time_point when) {
        if (first_free_ == none) {
            slots_.emplace_back();
            first_free_ = slots_.size() - 1;
        }
        heap_.push_back(entry(when, last_number_ + 1, first_free_));
        const std::size_t index = first_free_;
        first_free_ = std::exchange(slots_[index].place, heap_.size() - 1);
        slots_[index].number = ++last_number_;
        slots_[index].item.emplace(std::move(item));
        sift(heap_.size() - 1);
        return delay_key(index, last_number_);
    }

    /// Empty when the item has gone.
    std::optional<T> remove(delay_key of) noexcept {
        if (!has(of)) return std::nullopt;
        return take(slots_[of.slot_].place);
    }

    /// False when the item has gone.
    bool reset(delay_key of, time_point when) noexcept {
        if (!has(of)) return false;
        heap_[slots_[of.slot_].place].when = when;
        sift(slots_[of.slot_].place);
        return true;
    }

    /// The first one; empty when there is none.
    std::optional<T> take_first() noexcept {
        if (heap_.empty()) return std::nullopt;
        return take(0);
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    class entry {
    public:
        entry(time_point due, std::uint64_t n, std::size_t at) noexcept
            : when(due)
            , number(n)
            , slot(at) {}
        [[nodiscard]] bool is_before(const entry& other) const noexcept {
            return when != other.when ? when < other.when : number < other.number;
        }
        time_point when;
        std::uint64_t number;
        std::size_t slot;
    };

    class slot {
    public:
        std::size_t place = none;  // In the heap; of a free one: the next that is free.
        std::uint64_t number = 0;
        std::optional<T> item;
    };

    [[nodiscard]] bool has(delay_key of) const noexcept {
        return of.slot_ < slots_.size() && slots_[of.slot_].item &&
               slots_[of.slot_].number == of.number_;
    }

    std::optional<T> take(std::size_t place) noexcept {
        slot& from = slots_[heap_[place].slot];
        std::optional<T> item(std::move(*from.item));
        from.item.reset();
        from.place = std::exchange(first_free_, heap_[place].slot);
        const entry last = heap_.back();
        heap_.pop_back();
        if (place < heap_.size()) {
            heap_[place] = last;
            sift(place);
        }
        return item;
    }

    /// Moves the entry at `place`, the only one that may stand wrong, up or down.
    void sift(std::size_t place) noexcept {
        const entry moved = heap_[place];
        while (place > 0 && moved.is_before(heap_[(place - 1) / 2])) {
            put(place, heap_[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        for (;;) {
            std::size_t child = 2 * place + 1;
            if (child >= heap_.size()) break;
            if (child + 1 < heap_.size() && heap_[child + 1].is_before(heap_[child])) ++child;
            if (!heap_[child].is_before(moved)) break;
            put(place, heap_[child]);
            place = child;
        }
        put(place, moved);
    }

    void put(std::size_t place, const entry& e) noexcept {
        heap_[place] = e;
        slots_[e.slot].place = place;
    }

    std::vector<entry> heap_;
    std::vector<slot> slots_;
    std::size_t first_free_ = none;
    std::uint64_t last_number_ = 0;
};

}  // namespace detail
}  // namespace amphi
