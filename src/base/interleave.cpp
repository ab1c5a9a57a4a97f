// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/interleave.hpp>

#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/futex.hpp>

#include "interleave_memory.hpp"
#include "interleave_simulation.hpp"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>

namespace amphi::detail {

namespace interleave {

namespace {

// A futex may return without reason. Not often: a lost wake-up must stay lost.
constexpr std::size_t spurious_one_in = 32;

word read_real(const void* cell, std::size_t bytes) noexcept {
    word value = 0;
    std::memcpy(&value, cell, bytes);
    return value;
}

word changed(change how, word before, word operand, std::size_t bytes) noexcept {
    if (how == change::exchange) return operand;
    const word sum = how == change::add ? before + operand : before - operand;
    return read_real(&sum, bytes);  // The low bytes, which x86-64 has first.
}

// For threads outside of simulations. Few of them meet on a cell, so one lock is enough.
class real_access {
public:
    real_access() noexcept {
        while (__atomic_test_and_set(&taken, __ATOMIC_ACQUIRE))
            std::this_thread::yield();
    }
    real_access(const real_access&) = delete;
    real_access& operator=(const real_access&) = delete;
    ~real_access() { __atomic_clear(&taken, __ATOMIC_RELEASE); }

private:
    static inline bool taken = false;
};

}  // namespace

word load(
    const void* cell, std::size_t bytes, std::memory_order order, const place& here
) noexcept {
    simulation::participant* const self = this_participant();
    if (self == nullptr) {
        const real_access guard;
        return read_real(cell, bytes);
    }
    const inside guard(*self);
    simulation& in = self->in;
    in.step("loads", cell, &here);
    const word value = in.is_planted(fault::kind::blind, here)
                           ? in.cells().load_oldest(self->index, cell, bytes)
                           : in.cells().load(self->index, cell, bytes, in.weakened(order, here));
    in.note(value);
    in.check_races();
    return value;
}

void store(
    void* cell, std::size_t bytes, word value, std::memory_order order, const place& here
) noexcept {
    simulation::participant* const self = this_participant();
    if (self == nullptr) {
        const real_access guard;
        std::memcpy(cell, &value, bytes);
        return;
    }
    const inside guard(*self);
    simulation& in = self->in;
    in.step("stores", cell, &here);
    if (in.is_planted(fault::kind::left_out, here)) return;
    in.cells().store(self->index, cell, bytes, value, in.weakened(order, here));
    in.note(value);
    in.check_races();
}

word modify(
    void* cell,
    std::size_t bytes,
    change how,
    word operand,
    std::memory_order order,
    const place& here
) noexcept {
    simulation::participant* const self = this_participant();
    if (self == nullptr) {
        const real_access guard;
        const word before = read_real(cell, bytes);
        const word after = changed(how, before, operand, bytes);
        std::memcpy(cell, &after, bytes);
        return before;
    }
    const inside guard(*self);
    simulation& in = self->in;
    memory& cells = in.cells();
    order = in.weakened(order, here);
    in.step("changes", cell, &here);
    if (how == change::add && operand == 0 && in.is_planted(fault::kind::not_a_write, here))
        return cells.load(self->index, cell, bytes, std::memory_order_relaxed);
    word before = cells.newest(cell, bytes);
    if (in.is_planted(fault::kind::left_out, here)) return before;
    if (in.is_planted(fault::kind::torn, here)) {
        before = cells.load(self->index, cell, bytes, order);
        in.step("stores", cell, &here);
        cells.store(self->index, cell, bytes, changed(how, before, operand, bytes), order);
    } else {
        cells.modify(self->index, cell, bytes, changed(how, before, operand, bytes), order);
    }
    in.note(cells.newest(cell, bytes));
    in.check_races();
    return before;
}

bool compare_exchange(
    void* cell,
    std::size_t bytes,
    word& expected,
    word desired,
    std::memory_order success,
    std::memory_order failure,
    bool spurious,
    const place& here
) noexcept {
    simulation::participant* const self = this_participant();
    if (self == nullptr) {
        const real_access guard;
        const word before = read_real(cell, bytes);
        const bool equal = before == expected;
        if (equal) std::memcpy(cell, &desired, bytes);
        expected = before;
        return equal;
    }
    const inside guard(*self);
    simulation& in = self->in;
    memory& cells = in.cells();
    success = in.weakened(success, here);
    failure = in.weakened(failure, here);
    in.step("compares", cell, &here);
    const bool equal = cells.newest(cell, bytes) == expected;
    const bool done = equal && !(spurious && in.random().one_in(spurious_one_in));
    if (done) {
        if (in.is_planted(fault::kind::left_out, here)) return true;
        if (in.is_planted(fault::kind::torn, here)) in.step("stores", cell, &here);
        cells.modify(self->index, cell, bytes, desired, success);
    } else if (equal) {
        cells.load(self->index, cell, bytes, failure);
    } else {
        expected = cells.load_other_than(self->index, cell, bytes, expected, failure);
    }
    in.note(cells.newest(cell, bytes));
    in.check_races();
    return done;
}

void destroyed(void* cell, std::size_t bytes) noexcept {
    simulation::participant* const self = this_participant();
    if (self == nullptr) return;
    const inside guard(*self);
    self->in.cells().plain(self->index, cell, bytes, access_kind::write, nullptr);
    self->in.cells().forget_atomic(cell);
    self->in.check_races();
}

}  // namespace interleave

bool futex_wait(
    const atomic<std::uint32_t>& word, std::uint32_t expected, time_point deadline
) noexcept {
    using namespace interleave;
    simulation::participant* const self = this_participant();
    if (self == nullptr) {
        std::this_thread::yield();
        return clock::now() < deadline;
    }
    const inside guard(*self);
    simulation& in = self->in;
    const place here = place::current();
    in.step("sleeps on", &word, &here);
    // The kernel compares under a lock, and with a barrier: it sees the newest.
    const auto found = static_cast<std::uint32_t>(in.cells().newest(&word, sizeof word));
    in.note(found);
    if (found != expected || in.random().one_in(spurious_one_in)) return true;
    return in.wait(&word, deadline != never);
}

void futex_wake(const atomic<std::uint32_t>* word, int count) noexcept {
    using namespace interleave;
    simulation::participant* const self = this_participant();
    if (self == nullptr) return;
    const inside guard(*self);
    const place here = place::current();
    self->in.step("wakes", word, &here);
    self->in.wake(word, count);
}

}  // namespace amphi::detail
