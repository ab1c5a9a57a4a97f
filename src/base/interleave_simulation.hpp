// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/interleave.hpp>

#include "interleave_memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>

namespace amphi::detail::interleave {

/// A bug put into the shipped sources without touching them: accesses made by functions whose name
/// contains `function` misbehave. It shows that the tests would find such a bug.
struct fault {
    enum class kind : std::uint8_t {
        none,
        relaxed,      ///< every order is relaxed
        torn,         ///< a read-modify-write is a load and a store that others may come between
        not_a_write,  ///< a read-modify-write that changes nothing is only a load
        left_out,     ///< a store or read-modify-write does not happen: a forgotten line
        blind,        ///< a load sees the oldest that is kept: what was not looked at again
        lost_wake     ///< a futex wake wakes nobody (`function` is not looked at)
    };
    kind what = kind::none;
    std::string function;
    std::size_t spared = 0;  ///< so many accesses of a run are made well, before
};

/// How one run chooses.
struct plan {
    enum class policy : std::uint8_t {
        /// Who goes on is drawn anew at each access.
        uniform,
        /// The thread of the highest priority goes on; at a few accesses, drawn in advance, it
        /// falls
        /// behind all others. A bug that needs d such turns is found with probability 1/(n k^(d-1))
        /// at least, for n threads and k accesses. (Burckhardt, Kothari, Musuvathi, Nagarakatte,
        /// "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.)
        priorities
    };
    std::uint64_t seed = 0;
    policy how = policy::uniform;
    bool weak_memory = false;
    /// How long such a run takes, for `priorities` to draw from.
    std::size_t steps_expected = 1;
    fault planted;
};

/// Runs a few threads of which one at a time goes on, switching only at the accesses to atomics, at
/// futexes and where threads start, end and join: all by choices drawn from a seed, so that a seed
/// says which interleaving happens.
///
/// The threads are real, since the sources use thread-locals. A run fails when nobody can go on,
/// when it does not end, when two accesses race, when a check fails or an invariant is broken. Its
/// threads then stay where they are for ever: the simulation, and all that they use, is leaked.
class simulation {
public:
    explicit simulation(plan p);
    simulation(const simulation&) = delete;
    simulation& operator=(const simulation&) = delete;
    ~simulation();

    /// Runs the bodies to their ends. Returns what went wrong, or nothing.
    [[nodiscard]] std::string run(const std::vector<std::function<void()>>& bodies);

    [[nodiscard]] std::size_t steps() const noexcept { return steps_; }

    /// One thread's part in it.
    struct participant {
        enum class phase : std::uint8_t { runnable, waiting, ended };

        participant(simulation& of, std::size_t number) noexcept : in(of), index(number) {}

        simulation& in;
        const std::size_t index;
        std::uint64_t priority = 0;
        phase now = phase::runnable;
        const void* waits_for = nullptr;  // a futex's word, or a participant to end
        bool may_time_out = false;
        bool timed_out = false;
        bool inside = false;  // in the simulation itself, whose own accesses do not count
        std::binary_semaphore turn{0};
        std::thread os;
    };

    // By the participant whose turn it is:

    /// Before an access: lets another go on first, perhaps.
    void step(const char* what, const void* where, const place* here);
    /// Says what the access at the last step has seen or left.
    void note(word value) noexcept { last_event().value = value; }
    /// Waits until woken, or until time passes, if `may_time_out`. False when it timed out.
    [[nodiscard]] bool wait(const void* on, bool may_time_out);
    void wake(const void* on, int count);
    [[noreturn]] void fail(const std::string& why);
    void check_races();

    [[nodiscard]] std::memory_order weakened(std::memory_order order, const place& here);
    [[nodiscard]] bool is_planted(fault::kind what, const place& here);

    /// Threads that the sources start and join.
    pthread_t start(std::function<void()> body);
    void join(pthread_t thread);

    [[nodiscard]] memory& cells() noexcept { return memory_; }
    [[nodiscard]] random_source& random() noexcept { return random_; }
    [[nodiscard]] participant& running() noexcept { return *threads_[running_]; }

private:
    struct event {
        std::size_t thread = 0;
        const char* what = "";
        const void* where = nullptr;
        const char* file = "";
        std::uint32_t line = 0;
        word value = 0;
    };

    participant& add(std::function<void()> body);
    void finish(participant& self);
    void hand_over();
    [[nodiscard]] participant* choose();
    [[nodiscard]] std::string report(const std::string& why) const;
    [[nodiscard]] event& last_event() noexcept { return events_[events_made_ % events_.size()]; }

    const plan plan_;
    random_source random_;
    memory memory_;
    std::vector<std::unique_ptr<participant>> threads_;
    std::size_t running_ = 0;
    std::size_t steps_ = 0;
    std::size_t spared_ = 0;
    std::vector<std::size_t> falls_;  // the steps at which a priority falls
    std::vector<event> events_;       // the last few
    std::size_t events_made_ = 0;
    std::binary_semaphore ended_{0};
    std::string failure_;
};

/// The calling thread's part in a simulation; null when it has none, or is inside it.
[[nodiscard]] simulation::participant* this_participant() noexcept;

/// While it lives, the calling thread's accesses are the simulation's own.
class inside {
public:
    explicit inside(simulation::participant& p) noexcept : participant_(p) { p.inside = true; }
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;
    ~inside() { participant_.inside = false; }

private:
    simulation::participant& participant_;
};

/// Fails the run, or throws outside of one, when `holds` is false.
void check(bool holds, const char* what);

}  // namespace amphi::detail::interleave
