// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/frame_cache.hpp>

#include "support/build.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <latch>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using amphi::detail::allocate_frame;
using amphi::detail::free_frame;

class block {
public:
    explicit block(std::size_t bytes) : bytes_(bytes), memory_(allocate_frame(bytes)) {
        std::memset(memory_, static_cast<int>(bytes & 0xffU), bytes);
    }
    block(block&& other) noexcept
        : bytes_(other.bytes_)
        , memory_(std::exchange(other.memory_, nullptr)) {}
    block& operator=(block&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        std::swap(memory_, other.memory_);
        return *this;
    }
    ~block() {
        if (memory_ == nullptr) return;
        const auto* const bytes = static_cast<const unsigned char*>(memory_);
        EXPECT_EQ(bytes[0], bytes_ & 0xffU);
        EXPECT_EQ(bytes[bytes_ - 1], bytes_ & 0xffU);
        free_frame(memory_, bytes_);
    }
    [[nodiscard]] void* get() const noexcept { return memory_; }

private:
    std::size_t bytes_;
    void* memory_;
};

TEST(frame_cache, gives_aligned_memory_of_every_size) {
    for (std::size_t bytes = 1; bytes < 3000; bytes += 7) {
        const block one(bytes);
        const block other(bytes);
        EXPECT_NE(one.get(), other.get());
        EXPECT_EQ(
            reinterpret_cast<std::uintptr_t>(one.get()) % __STDCPP_DEFAULT_NEW_ALIGNMENT__, 0U
        );
    }
}

TEST(frame_cache, gives_the_same_memory_again) {
    if (amphi::testing::thread_sanitized) GTEST_SKIP() << "bypassed under the thread sanitizer";
    void* const first = allocate_frame(200);
    free_frame(first, 200);
    void* const second = allocate_frame(193);  // of the same class
    EXPECT_EQ(first, second);
    free_frame(second, 193);
}

// A producer and a consumer: all memory comes from one thread and is freed by another.
TEST(frame_cache, carries_memory_back_that_another_thread_has_freed) {
    constexpr int rounds = 200;
    constexpr int blocks = 300;  // more than a thread keeps of one class
    for (int round = 0; round < rounds; ++round) {
        std::vector<block> made;
        for (int i = 0; i < blocks; ++i)
            made.emplace_back(128);
        std::jthread([taken = std::move(made)]() mutable { taken.clear(); }).join();
    }
}

TEST(frame_cache, serves_many_threads_at_once) {
    std::latch start(4);
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < 4; ++seed)
        threads.emplace_back([seed, &start] {
            std::mt19937 random(seed);
            std::vector<block> kept;
            start.arrive_and_wait();
            for (int step = 0; step < 30'000; ++step) {
                if (kept.size() < 500 && random() % 2 == 0)
                    kept.emplace_back(1 + random() % 1500);
                else if (!kept.empty()) {
                    std::swap(kept[random() % kept.size()], kept.back());
                    kept.pop_back();
                }
            }
        });
}

class allocates_when_destroyed {
public:
    explicit allocates_when_destroyed(std::vector<block> kept) noexcept : kept_(std::move(kept)) {}
    ~allocates_when_destroyed() {
        kept_.clear();
        for (int i = 0; i < 200; ++i)
            kept_.emplace_back(64 + static_cast<std::size_t>(i));
    }

private:
    std::vector<block> kept_;
};

std::vector<block> some_blocks() {
    std::vector<block> blocks;
    for (int i = 0; i < 100; ++i)
        blocks.emplace_back(64);
    return blocks;
}

// The thread-local is made before, and destroyed after, the cache's own guard; and the reverse.
TEST(frame_cache, works_in_destructors_of_thread_locals) {
    std::jthread([] {
        thread_local allocates_when_destroyed last{std::vector<block>()};
        (void)last;
        some_blocks();
    }).join();
    std::jthread([] {
        thread_local allocates_when_destroyed first(some_blocks());
        (void)first;
    }).join();
}

/// More than a thread keeps: half of them come from where threads share, and go back.
void take_and_give_back() {
    std::array<void*, 300> frames{};
    for (void*& each : frames)
        each = allocate_frame(128);
    for (void* each : frames)
        free_frame(each, 128);
}

// What another thread was just doing must not hold up the child, where it does it for ever.
TEST(frame_cache, serves_a_fork_of_a_busy_program) {
    if (amphi::testing::thread_sanitized) GTEST_SKIP() << "bypassed under the thread sanitizer";
    constexpr int forks = amphi::testing::sanitized ? 30 : 300;
    std::atomic<bool> enough = false;
    std::vector<std::jthread> busy;
    for (int i = 0; i < 2; ++i)
        busy.emplace_back([&enough] {
            while (!enough)
                take_and_give_back();
        });
    int failed = 0;
    for (int i = 0; i < forks && failed == 0; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(20);
            take_and_give_back();
            ::_exit(0);
        }
        int status = -1;
        if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) failed = i + 1;
    }
    enough = true;
    EXPECT_EQ(failed, 0) << "this child did not end by itself";
}

}  // namespace
