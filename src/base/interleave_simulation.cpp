// SPDX-License-Identifier: BSL-1.0
#include "interleave_simulation.hpp"

#include <amphi/base/interleave.hpp>

#include "interleave_memory.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>

namespace amphi::detail::interleave {

namespace {

constexpr std::size_t steps_max = 50'000;
constexpr std::size_t events_kept = 64;
// The depth of bugs that `priorities` looks for: one order of starting, and two turns.
constexpr std::size_t depth = 3;
// Time passes rarely while anybody can go on.
constexpr std::size_t time_passes_one_in = 8;

thread_local constinit simulation::participant* participant_here = nullptr;

// A place in the binary, as addr2line(1) wants it.
std::string name_of_code(const void* code) {
    Dl_info found{};
    if (code == nullptr || ::dladdr(code, &found) == 0) return "an atomic access";
    char text[64];
    const auto offset = static_cast<const char*>(code) - static_cast<const char*>(found.dli_fbase);
    std::snprintf(text, sizeof text, "+0x%zx", static_cast<std::size_t>(offset) - 1);
    return std::string(found.dli_fname) + text;
}

const char* name_of(access_kind kind) noexcept {
    return kind == access_kind::read ? "reads" : kind == access_kind::write ? "writes" : "uses";
}

std::string to_string(const memory::race& r) {
    return "threads " + std::to_string(r.thread) + " and " + std::to_string(r.other) +
           " race: one " + name_of(r.kind) + " at " + name_of_code(r.code) + ", the other " +
           name_of(r.other_kind) + " at " + name_of_code(r.other_code);
}

// A broken invariant aborts: in a run that is its failure, with its seed.
void on_abort(int) {
    if (simulation::participant* const here = participant_here) here->in.fail("aborted");
}

}  // namespace

simulation::participant* this_participant() noexcept {
    simulation::participant* const here = participant_here;
    return here != nullptr && !here->inside ? here : nullptr;
}

void check(bool holds, const char* what) {
    if (holds) return;
    if (simulation::participant* const here = this_participant()) {
        const inside guard(*here);
        here->in.fail(what);
    }
    throw std::logic_error(what);
}

simulation::simulation(plan p)
    : plan_(std::move(p))
    , random_(plan_.seed)
    , memory_(random_, plan_.weak_memory)
    , events_(events_kept) {
    for (std::size_t i = 1; i < depth; ++i)
        falls_.push_back(1 + random_.below(plan_.steps_expected));
}

simulation::~simulation() {
    for (const auto& p : threads_)
        p->os.join();
}

std::string simulation::run(const std::vector<std::function<void()>>& bodies) {
    const auto before = std::signal(SIGABRT, on_abort);
    for (const auto& body : bodies)
        add(body);
    running_ = choose()->index;
    running().turn.release();
    ended_.acquire();
    std::signal(SIGABRT, before);
    return failure_;
}

simulation::participant& simulation::add(std::function<void()> body) {
    if (threads_.size() == threads_max) throw std::length_error("more threads than a run can have");
    threads_.push_back(std::make_unique<participant>(*this, threads_.size()));
    participant& added = *threads_.back();
    // Above those that have fallen.
    added.priority = depth + (random_.next() >> 1);
    added.os = std::thread([this, &added, body = std::move(body)] {
        added.turn.acquire();
        participant_here = &added;
        body();
        const inside guard(added);
        finish(added);
    });
    return added;
}

void simulation::finish(participant& self) {
    participant_here = nullptr;
    self.now = participant::phase::ended;
    for (const auto& p : threads_)
        if (p->waits_for == &self) {
            p->waits_for = nullptr;
            p->now = participant::phase::runnable;
        }
    if (participant* const next = choose()) {
        running_ = next->index;
        next->turn.release();
        return;
    }
    for (const auto& p : threads_)
        if (p->now != participant::phase::ended) fail("nobody can go on");
    ended_.release();
}

void simulation::step(const char* what, const void* where, const place* here) {
    if (++steps_ == steps_max) fail("the run does not end");
    hand_over();
    ++events_made_;
    last_event(
    ) = {running_, what, where, here ? here->file_name() : "", here ? here->line() : 0, 0};
}

void simulation::hand_over() {
    participant& self = running();
    participant* const next = choose();
    if (next == nullptr) fail("nobody can go on");
    if (next == &self) return;
    running_ = next->index;
    next->turn.release();
    self.turn.acquire();
}

simulation::participant* simulation::choose() {
    if (plan_.how == plan::policy::priorities)
        for (std::size_t i = 0; i < falls_.size(); ++i)
            if (falls_[i] == steps_) running().priority = i;
    const bool time_passes = random_.one_in(time_passes_one_in);
    std::vector<participant*> ready;
    std::vector<participant*> sleeping;
    for (const auto& p : threads_) {
        if (p->now == participant::phase::runnable)
            ready.push_back(p.get());
        else if (p->now == participant::phase::waiting && p->may_time_out)
            sleeping.push_back(p.get());
    }
    if (ready.empty() || time_passes) ready.insert(ready.end(), sleeping.begin(), sleeping.end());
    if (ready.empty()) return nullptr;
    participant* chosen = ready[random_.below(ready.size())];
    if (plan_.how == plan::policy::priorities)
        chosen = *std::max_element(ready.begin(), ready.end(), [](const auto* a, const auto* b) {
            return a->priority < b->priority;
        });
    if (chosen->now == participant::phase::waiting) {
        chosen->timed_out = true;
        chosen->waits_for = nullptr;
        chosen->now = participant::phase::runnable;
    }
    return chosen;
}

bool simulation::wait(const void* on, bool may_time_out) {
    participant& self = running();
    self.waits_for = on;
    self.may_time_out = may_time_out;
    self.timed_out = false;
    self.now = participant::phase::waiting;
    hand_over();
    return !self.timed_out;
}

void simulation::wake(const void* on, int count) {
    if (plan_.planted.what == fault::kind::lost_wake) return;
    // The kernel wakes the first that came; any other order is as good a test.
    const std::size_t first = random_.below(threads_.size());
    for (std::size_t i = 0; i < threads_.size() && count > 0; ++i) {
        participant& p = *threads_[(first + i) % threads_.size()];
        if (p.now != participant::phase::waiting || p.waits_for != on) continue;
        p.waits_for = nullptr;
        p.now = participant::phase::runnable;
        --count;
    }
}

void simulation::check_races() {
    if (const auto race = memory_.take_race()) fail(to_string(*race));
}

std::memory_order simulation::weakened(std::memory_order order, const place& here) {
    return is_planted(fault::kind::relaxed, here) ? std::memory_order_relaxed : order;
}

bool simulation::is_planted(fault::kind what, const place& here) {
    if (plan_.planted.what != what) return false;
    if (std::string(here.function_name()).find(plan_.planted.function) == std::string::npos)
        return false;
    return ++spared_ > plan_.planted.spared;
}

pthread_t simulation::start(std::function<void()> body) {
    participant& parent = running();
    participant& child = add(std::move(body));
    memory_.learn(child.index, parent.index);
    return child.os.native_handle();
}

void simulation::join(pthread_t thread) {
    for (const auto& p : threads_) {
        if (!::pthread_equal(p->os.native_handle(), thread)) continue;
        step("join", p.get(), nullptr);
        if (p->now != participant::phase::ended) (void)wait(p.get(), false);
        memory_.learn(running_, p->index);
    }
}

void simulation::fail(const std::string& why) {
    failure_ = report(why);
    ended_.release();
    for (;;)
        running().turn.acquire();  // Never released again.
}

std::string simulation::report(const std::string& why) const {
    std::string text = why + "\n";
    std::map<const void*, std::size_t> numbers;
    const auto number = [&numbers](const void* cell) {
        return std::to_string(numbers.emplace(cell, numbers.size()).first->second);
    };
    const std::size_t first = events_made_ >= events_kept ? events_made_ - events_kept + 1 : 1;
    for (std::size_t i = first; i <= events_made_; ++i) {
        const event& e = events_[i % events_kept];
        text += "  " + std::to_string(i) + " thread " + std::to_string(e.thread) + " " + e.what +
                " cell " + number(e.where) + ": " + std::to_string(e.value) + "  " + e.file + ":" +
                std::to_string(e.line) + "\n";
    }
    for (const auto& p : threads_)
        if (p->now == participant::phase::waiting)
            text += "  thread " + std::to_string(p->index) + " waits for cell " +
                    number(p->waits_for) + "\n";
    return text;
}

}  // namespace amphi::detail::interleave
