// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/frame_cache.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/base/sanitizer.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include <pthread.h>

#if defined(__SANITIZE_ADDRESS__)
#define AMPHI_FRAME_CACHE_POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AMPHI_FRAME_CACHE_POISONED 1
#endif
#endif

#if defined(AMPHI_FRAME_CACHE_POISONED)
#include <sanitizer/asan_interface.h>
#endif

namespace amphi::detail {

namespace {

// The thread sanitizer would see one frame's accesses as another's when memory is handed on without
// its allocator knowing.
constexpr bool bypassed = thread_sanitized;

// What malloc hands out without a rest: multiples of 16 bytes, less the 8 that it keeps for itself.
constexpr std::size_t class_step = 16;
constexpr std::size_t smallest_class = 24;
constexpr std::size_t class_count = 32;  // up to 520 bytes; larger frames are rare and go to malloc
constexpr std::uint32_t kept_max = 64;   // a thread and class; half of it travels at a time

struct free_block {
    free_block* next;
    free_block* next_batch;  // of the first block in a batch
};
static_assert(sizeof(free_block) <= smallest_class);

constexpr std::size_t bytes_of(std::size_t size_class) noexcept {
    return smallest_class + size_class * class_step;
}

// Of the smallest class that has room for `bytes`, which is more than a frame's two pointers.
constexpr std::size_t class_of(std::size_t bytes) noexcept {
    return (bytes - (smallest_class - class_step) - 1) / class_step;
}
static_assert(class_of(bytes_of(0)) == 0 && class_of(bytes_of(0) + 1) == 1);
static_assert(class_of(bytes_of(class_count - 1)) == class_count - 1);
static_assert(class_of(smallest_class - class_step + 1) == 0);

void poison([[maybe_unused]] void* block, [[maybe_unused]] std::size_t size_class) noexcept {
#if defined(AMPHI_FRAME_CACHE_POISONED)
    __asan_poison_memory_region(
        static_cast<char*>(block) + sizeof(free_block), bytes_of(size_class) - sizeof(free_block)
    );
#endif
}

void unpoison([[maybe_unused]] void* block, [[maybe_unused]] std::size_t size_class) noexcept {
#if defined(AMPHI_FRAME_CACHE_POISONED)
    __asan_unpoison_memory_region(block, bytes_of(size_class));
#endif
}

/// Full batches of one size class that threads with too much gave and threads without will take.
class depot {
public:
    void give(free_block* batch) noexcept {
        {
            const lock_guard guard(lock_);
            if (batch_count_ < batches_max) {
                ++batch_count_;
                batch->next_batch = std::exchange(batches_, batch);
                return;
            }
        }
        release(batch);
    }

    free_block* take() noexcept {
        const lock_guard guard(lock_);
        free_block* batch = batches_;
        if (batch != nullptr) {
            batches_ = batch->next_batch;
            --batch_count_;
        }
        return batch;
    }

    // Around a fork, whose child would else find the lock held by a thread that is not there.
    void hold() noexcept AMPHI_ACQUIRE(lock_) { lock_.acquire(); }
    void let_go() noexcept AMPHI_RELEASE(lock_) { lock_.release(); }

    static void release(free_block* batch) noexcept {
        while (batch != nullptr)
            ::operator delete(std::exchange(batch, batch->next));
    }

private:
    static constexpr std::uint32_t batches_max = 256;

    lock lock_;
    free_block* batches_ AMPHI_GUARDED_BY(lock_) = nullptr;
    std::uint32_t batch_count_ AMPHI_GUARDED_BY(lock_) = 0;
};

constinit depot depots[class_count];

// The thread that forks holds every lock meanwhile, and so finds what they guard whole in the
// child. Nobody else takes two of them, or calls anything that waits while holding one.
void hold_depots() noexcept AMPHI_THREAD_ANNOTATION(no_thread_safety_analysis) {
    for (depot& each : depots)
        each.hold();
}

void let_depots_go() noexcept AMPHI_THREAD_ANNOTATION(no_thread_safety_analysis) {
    for (depot& each : depots)
        each.let_go();
}

// Before the program begins, so that what others do around a fork is done outside of ours: it may
// run tasks. Without memory for it a fork is as safe as it was.
[[maybe_unused]] const bool are_fork_safe =
    bypassed || ::pthread_atfork(hold_depots, let_depots_go, let_depots_go) == 0;

/// `room` is how many more blocks the list may keep. It is zero before the first use and after the
/// drain, so that the fast paths need no other check: whatever is unusual is found in the slow
/// ones.
struct local_list {
    free_block* first = nullptr;
    std::uint32_t room = 0;
};

// Trivially destructible, so that destructors of other thread-locals can still allocate.
struct local_cache {
    local_list lists[class_count];
    bool drained_at_exit = false;  // the drain is registered: the lists may keep blocks
    bool drained = false;          // the thread is ending: they may not any more
};

[[gnu::tls_model("initial-exec")]] thread_local constinit local_cache cache;

struct drain_at_exit {
    ~drain_at_exit() {
        cache.drained = true;
        for (std::size_t size_class = 0; size_class < class_count; ++size_class) {
            local_list& list = cache.lists[size_class];
            for (free_block* block = list.first; block != nullptr; block = block->next)
                unpoison(block, size_class);
            depot::release(std::exchange(list.first, nullptr));
            list.room = 0;
        }
    }
};

void open_lists() noexcept {
    thread_local drain_at_exit guard;
    (void)guard;
    cache.drained_at_exit = true;
    for (local_list& list : cache.lists)
        list.room = kept_max;
}

// Keeps the newer half of a full list and gives the older half away.
void give_half(local_list& list, std::size_t size_class) noexcept {
    free_block* last_kept = list.first;
    for (std::uint32_t i = 1; i < kept_max / 2; ++i)
        last_kept = last_kept->next;
    free_block* batch = std::exchange(last_kept->next, nullptr);
    list.room = kept_max / 2;
    for (free_block* block = batch; block != nullptr; block = block->next)
        unpoison(block, size_class);
    depots[size_class].give(batch);
}

void keep(local_list& list, void* frame, std::size_t size_class) noexcept {
    auto* const block = static_cast<free_block*>(frame);
    block->next = list.first;
    list.first = block;
    --list.room;
    poison(block, size_class);
}

[[gnu::noinline]] void* allocate_slow(std::size_t bytes, std::size_t size_class) {
    if (bypassed || size_class >= class_count) return ::operator new(bytes);
    if (!cache.drained_at_exit) open_lists();
    local_list& list = cache.lists[size_class];
    free_block* const batch = cache.drained ? nullptr : depots[size_class].take();
    if (batch == nullptr) return ::operator new(bytes_of(size_class));
    list.first = batch->next;
    list.room = kept_max - (kept_max / 2 - 1);
    return batch;
}

[[gnu::noinline]] void free_slow(void* frame, std::size_t size_class) noexcept {
    if (bypassed || size_class >= class_count || cache.drained) {
        ::operator delete(frame);
        return;
    }
    local_list& list = cache.lists[size_class];
    if (!cache.drained_at_exit)
        open_lists();
    else
        give_half(list, size_class);
    keep(list, frame, size_class);
}

}  // namespace

void* allocate_frame(std::size_t bytes) {
    const std::size_t size_class = class_of(bytes);
    if (bypassed || size_class >= class_count || cache.lists[size_class].first == nullptr)
        return allocate_slow(bytes, size_class);
    local_list& list = cache.lists[size_class];
    free_block* const block = list.first;
    unpoison(block, size_class);
    list.first = block->next;
    ++list.room;
    return block;
}

void free_frame(void* frame, std::size_t bytes) noexcept {
    const std::size_t size_class = class_of(bytes);
    if (bypassed || size_class >= class_count || cache.lists[size_class].room == 0)
        free_slow(frame, size_class);
    else
        keep(cache.lists[size_class], frame, size_class);
}

}  // namespace amphi::detail
