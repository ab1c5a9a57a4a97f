// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/sendable.hpp>

namespace amphi::testing {

/// Hands a spawned task what the test owns and keeps alive beyond it.
template <class T>
class borrowed {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): spawn(f, owner) reads as the call f(owner)
    borrowed(T& owner) noexcept : owner_(&owner) {}
    T& operator*() const noexcept { return *owner_; }
    T* operator->() const noexcept { return owner_; }

private:
    T* owner_;
};

}  // namespace amphi::testing

template <class T>
inline constexpr bool amphi::enable_sendable<amphi::testing::borrowed<T>> = true;
