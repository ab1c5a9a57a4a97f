// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace amphi::detail {

/// A FIFO in a circular array that grows by doubling. Not thread-safe.
template <class T>
class ring_buffer {
    static_assert(std::is_nothrow_move_constructible_v<T>);

public:
    ring_buffer() noexcept = default;
    ring_buffer(const ring_buffer&) = delete;
    ring_buffer& operator=(const ring_buffer&) = delete;
    ~ring_buffer() {
        clear();
        if (items_ != nullptr) std::allocator<T>().deallocate(items_, capacity_);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// Makes room for one more. Throws `std::bad_alloc`.
    void make_room() {
        if (size_ == capacity_) grow();
    }

    /// After `make_room`.
    void push_back(T&& item) noexcept {
        AMPHI_ASSERT(size_ < capacity_);
        std::construct_at(at(size_), std::move(item));
        ++size_;
    }

    [[nodiscard]] T pop_front() noexcept {
        AMPHI_ASSERT(size_ != 0);
        T* const first = at(0);
        T taken = std::move(*first);
        std::destroy_at(first);
        first_ = (first_ + 1) & (capacity_ - 1);
        --size_;
        return taken;
    }

    void swap(ring_buffer& other) noexcept {
        std::swap(items_, other.items_);
        std::swap(capacity_, other.capacity_);
        std::swap(first_, other.first_);
        std::swap(size_, other.size_);
    }

    /// Gives the array back when it is empty and was grown for a backlog: an unbounded channel
    /// would keep it for ever.
    void trim() noexcept {
        if (size_ == 0 && capacity_ * sizeof(T) > kept_bytes) ring_buffer().swap(*this);
    }

    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    void clear() noexcept {
        while (size_ != 0)
            std::destroy_at(at(--size_));
        first_ = 0;
    }

private:
    // A power of two.
    static constexpr std::size_t first_capacity = 8;
    // So many are filled between two trims that growing again is nothing beside it.
    static constexpr std::size_t kept_bytes =
        first_capacity * std::max(sizeof(T), std::size_t{8192});

    [[nodiscard]] T* at(std::size_t index) noexcept {
        return items_ + ((first_ + index) & (capacity_ - 1));
    }

    void grow() {
        const std::size_t larger = std::max(first_capacity, capacity_ * 2);
        T* const items = std::allocator<T>().allocate(larger);
        for (std::size_t i = 0; i < size_; ++i) {
            std::construct_at(items + i, std::move(*at(i)));
            std::destroy_at(at(i));
        }
        if (items_ != nullptr) std::allocator<T>().deallocate(items_, capacity_);
        items_ = items;
        capacity_ = larger;
        first_ = 0;
    }

    T* items_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace amphi::detail
