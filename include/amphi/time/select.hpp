// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/random.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace amphi {

namespace detail {

/// An operation, but not one with a time of its own: a sleep is a branch beside it.
template <class T>
concept is_branch = is_operation<T> && !requires { T::gives_up_alone; };

template <class Branch>
concept waits_for_descriptors = requires(Branch& branch) { branch.kernel_waits(); };

/// Which of several branches that are ready at once is taken.
enum class select_order : std::uint8_t { biased, fair };

/// Several operations behind one waiter: whichever source claims it first has won, and the others
/// are withdrawn before anybody sees the result.
template <select_order Order, class... Branches>
class select_operation : public operation<select_operation<Order, Branches...>> {
    template <class Branch>
    using branch_result = decltype(std::declval<Branch&>().result());
    template <class Branch>
    using stored = std::conditional_t<
        std::is_void_v<branch_result<Branch>>,
        std::monostate,
        std::remove_cvref_t<branch_result<Branch>>>;

public:
    using result_type = std::variant<stored<Branches>...>;

    explicit select_operation(Branches&... branches) noexcept : branches_(branches...) {}

    [[nodiscard]] bool poll() {
        for_each([this](auto& branch, std::size_t) { branch.set_where(*this->where_); });
        if constexpr (Order == select_order::fair) {
            const std::size_t first = random_number() % sizeof...(Branches);
            poll_between(first, sizeof...(Branches));
            poll_between(0, first);
        } else {
            poll_between(0, sizeof...(Branches));
        }
        return winner_ != none;
    }

    void publish(ticket t) {
        for_each([t](auto& branch, std::size_t index) {
            branch.publish(t.as(static_cast<waiter::source>(index)));
        });
    }

    void withdraw() noexcept {
        for_each([](auto& branch, std::size_t) { branch.withdraw(); });
    }

    [[nodiscard]] time_point until() const noexcept {
        time_point first = never;
        std::apply(
            [&first](auto&... branch) { ((first = earlier(first, branch)), ...); }, branches_
        );
        return first;
    }

    [[nodiscard]] std::span<const descriptor_wait> kernel_waits() noexcept
        requires(waits_for_descriptors<Branches> || ...)
    {
        std::size_t count = 0;
        for_each([&](auto& branch, std::size_t) {
            if constexpr (waits_for_descriptors<std::remove_reference_t<decltype(branch)>>)
                for (const descriptor_wait& wait : branch.kernel_waits())
                    kernel_waits_[count++] = wait;
        });
        return {kernel_waits_.data(), count};
    }

    [[nodiscard]] result_type result() { return take_of<0>(winner()); }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    static_assert(
        sizeof...(Branches) > 0 && sizeof...(Branches) <= 16, "select has 1 to 16 branches"
    );

    template <class F>
    void for_each(F&& f) {
        std::size_t index = 0;
        std::apply([&](auto&... branch) { (f(branch, index++), ...); }, branches_);
    }

    void poll_between(std::size_t first, std::size_t last) {
        for_each([&](auto& branch, std::size_t index) {
            if (winner_ == none && index >= first && index < last && branch.poll()) winner_ = index;
        });
    }

    template <class Branch>
    static time_point earlier(time_point first, const Branch& branch) noexcept {
        if constexpr (requires { branch.until(); })
            return std::min(first, branch.until());
        else
            return first;
    }

    /// Who claimed; on a plain thread a time claims as the wait's own deadline.
    [[nodiscard]] std::size_t winner() {
        if (winner_ != none) return winner_;
        if (this->waiter_.claimed_by() != waiter::deadline_source)
            return this->waiter_.claimed_by();
        const time_point first = until();
        std::size_t found = none;
        for_each([&](auto& branch, std::size_t index) {
            if constexpr (requires { branch.until(); })
                if (found == none && branch.until() == first) found = index;
        });
        return found;
    }

    /// The result of the branch `won`, which is `Index` or one after it.
    template <std::size_t Index>
    [[nodiscard]] result_type take_of(std::size_t won) {
        if constexpr (Index + 1 < sizeof...(Branches))
            if (won != Index) return take_of<Index + 1>(won);
        auto& branch = std::get<Index>(branches_);
        if constexpr (std::is_void_v<decltype(branch.result())>) {
            branch.result();
            return result_type(std::in_place_index<Index>);
        } else {
            return result_type(std::in_place_index<Index>, branch.result());
        }
    }

    std::tuple<Branches&...> branches_;
    std::size_t winner_ = none;
    std::array<descriptor_wait, sizeof...(Branches)> kernel_waits_{};
};

}  // namespace detail

/// Waits for the first of several operations and yields its result, as a variant whose index says
/// which (`std::monostate` for void). Branches that are ready at once are taken in the order given.
/// A branch that did not win has taken nothing: no element, no permit, no byte. Over descriptors it
/// waits for readiness; the transfer comes after.
///
///     auto first = co_await select(handle.join(), sleep_for(1s));
///
/// Cancellation: ends the whole wait.
template <class... Branches>
    requires(detail::is_branch<std::remove_cvref_t<Branches>> && ...)
[[nodiscard("co_await the select")]] auto select(Branches&&... branches) noexcept {
    return detail::select_operation<detail::select_order::biased, std::remove_cvref_t<Branches>...>(
        branches...
    );
}

/// As `select`, but of branches that are ready at once any may be taken, each as likely: where one
/// that is always ready would keep the others from their turn.
template <class... Branches>
    requires(detail::is_branch<std::remove_cvref_t<Branches>> && ...)
[[nodiscard("co_await the select")]] auto select_fair(Branches&&... branches) noexcept {
    return detail::select_operation<detail::select_order::fair, std::remove_cvref_t<Branches>...>(
        branches...
    );
}

}  // namespace amphi
