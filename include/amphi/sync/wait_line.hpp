// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/intrusive_list.hpp>
#include <amphi/task/waiter.hpp>

#include <utility>

namespace amphi::detail {

/// A place in the line of those who wait for a primitive. It lives in their operation.
class place_in_line : public list_node<place_in_line> {
public:
    ticket parked;
};

/// Those who were claimed under a primitive's lock and sleep: woken when it goes out of scope, so
/// declared before the guard of that lock. They cannot leave before, so their places still exist.
template <class Place>
class woken_later {
public:
    woken_later() noexcept = default;
    woken_later(const woken_later&) = delete;
    woken_later& operator=(const woken_later&) = delete;
    ~woken_later() {
        while (Place* const place = claimed_.pop_front())
            std::exchange(place->parked, {}).wake();
    }

    /// Claims the wait of one who is in no list any more. False when something else has ended it.
    [[nodiscard]] bool claim(Place& place) noexcept {
        const claim_result result = place.parked.claim();
        if (result == claim_result::must_wake) claimed_.push_back(place);
        return result != claim_result::lost;
    }

    /// Takes those out of `line` from the front until one is claimed; null when there is none.
    [[nodiscard]] Place* claim_first(intrusive_list<Place>& line) noexcept {
        Place* place = line.pop_front();
        while (place != nullptr && !claim(*place))
            place = line.pop_front();
        return place;
    }

private:
    intrusive_list<Place> claimed_;
};

}  // namespace amphi::detail
