// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/random.hpp>

#include <amphi/base/clock.hpp>

#include <cstdint>

namespace amphi::detail {

[[gnu::noinline]] std::uint32_t random_number() noexcept {
    // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). The
    // address is the thread's own, the time the run's.
    constinit static thread_local std::uint64_t state = 0;
    if (state == 0)
        state = reinterpret_cast<std::uintptr_t>(&state) ^
                static_cast<std::uint64_t>(clock::now().time_since_epoch().count());
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return static_cast<std::uint32_t>((mixed ^ (mixed >> 31U)) >> 32U);
}

}  // namespace amphi::detail
