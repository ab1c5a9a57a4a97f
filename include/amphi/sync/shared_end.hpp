// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>
#include <utility>

namespace amphi::detail {

/// One of the ends of a channel and its like: a copyable handle of the state that all of them
/// share. `Add` and `Remove` tell that state how many ends of this kind there are; the first one is
/// counted from the beginning.
template <class State, auto Add, auto Remove>
class shared_end {
public:
    explicit shared_end(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
    shared_end(const shared_end& other) noexcept : state_(other.state_) {
        if (state_ != nullptr) (void)((*state_).*Add)();
    }
    shared_end(shared_end&&) noexcept = default;
    shared_end& operator=(shared_end other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~shared_end() {
        if (state_ != nullptr) ((*state_).*Remove)();
    }

    State& operator*() const noexcept { return *state_; }
    State* operator->() const noexcept { return state_.get(); }
    [[nodiscard]] const std::shared_ptr<State>& state() const noexcept { return state_; }

private:
    std::shared_ptr<State> state_;
};

}  // namespace amphi::detail
