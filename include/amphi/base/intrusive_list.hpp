// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/assert.hpp>

namespace amphi::detail {

template <class T>
class intrusive_list;

/// The hook of a node of `intrusive_list<T>`; T derives from it.
template <class T>
class list_node {
public:
    list_node() noexcept = default;
    list_node(const list_node&) = delete;
    list_node& operator=(const list_node&) = delete;
    ~list_node() { AMPHI_ASSERT(!is_linked()); }

    [[nodiscard]] bool is_linked() const noexcept { return list_ != nullptr; }

private:
    friend class intrusive_list<T>;
    T* next_ = nullptr;
    T* previous_ = nullptr;
    intrusive_list<T>* list_ = nullptr;
};

/// A doubly linked FIFO list of nodes that live elsewhere: in the operation of whoever waits.
/// It allocates nothing and owns nothing. Not thread-safe: its owner's lock guards it.
template <class T>
class intrusive_list {
public:
    intrusive_list() noexcept = default;
    intrusive_list(const intrusive_list&) = delete;
    intrusive_list& operator=(const intrusive_list&) = delete;
    ~intrusive_list() { AMPHI_ASSERT(empty()); }

    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    [[nodiscard]] T* front() const noexcept { return first_; }
    [[nodiscard]] T* back() const noexcept { return last_; }
    [[nodiscard]] static T* next(const T& node) noexcept { return hook(node).next_; }

    void push_back(T& node) noexcept {
        list_node<T>& h = node;
        AMPHI_ASSERT(!h.is_linked());
        h.list_ = this;
        h.next_ = nullptr;
        h.previous_ = last_;
        (last_ ? hook(*last_).next_ : first_) = &node;
        last_ = &node;
    }

    T* pop_front() noexcept {
        T* node = first_;
        if (node != nullptr) remove(*node);
        return node;
    }

    /// Takes the node out; nothing when it is in no list.
    void remove(T& node) noexcept {
        list_node<T>& h = node;
        if (!h.is_linked()) return;
        AMPHI_ASSERT(h.list_ == this);
        (h.previous_ ? hook(*h.previous_).next_ : first_) = h.next_;
        (h.next_ ? hook(*h.next_).previous_ : last_) = h.previous_;
        h.list_ = nullptr;
        h.next_ = h.previous_ = nullptr;
    }

private:
    static list_node<T>& hook(T& node) noexcept { return node; }
    static const list_node<T>& hook(const T& node) noexcept { return node; }

    T* first_ = nullptr;
    T* last_ = nullptr;
};

}  // namespace amphi::detail
