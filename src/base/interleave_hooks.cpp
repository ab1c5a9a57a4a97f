// SPDX-License-Identifier: BSL-1.0
// What the shipped sources call without knowing in the interleave build. They are compiled with
// -fsanitize=thread but not linked with its runtime: the calls that the compiler puts before each
// plain access come here, and are checked against the simulation's notion of what happened before.
// Likewise the heap, since memory that is handed out anew has no past, and the starting and joining
// of threads, which become part of the simulation.
#include "interleave_memory.hpp"
#include "interleave_simulation.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>

namespace interleave = amphi::detail::interleave;
using interleave::access_kind;

namespace {

void plain_access(
    const void* first, std::size_t bytes, access_kind kind, const void* code
) noexcept {
    interleave::simulation::participant* const self = interleave::this_participant();
    if (self == nullptr) return;
    const interleave::inside guard(*self);
    self->in.cells().plain(self->index, first, bytes, kind, code);
    self->in.check_races();
}

void foreign_atomic() noexcept {
    interleave::simulation::participant* const self = interleave::this_participant();
    if (self == nullptr) return;
    const interleave::inside guard(*self);
    self->in.cells().synchronise(self->index);
}

/// Memory that is handed out again has no past.
void forget(const void* block, std::size_t bytes) noexcept {
    interleave::simulation::participant* const self = interleave::this_participant();
    if (self == nullptr) return;
    const interleave::inside guard(*self);
    self->in.cells().forget_plain(block, bytes);
}

template <class Function>
Function next_definition(const char* name) noexcept {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the compiler's names.
// NOLINTBEGIN(bugprone-macro-parentheses): a type stands in no parentheses.
#define AMPHI_HOOK_SIZED(bytes)                                                                    \
    void __tsan_read##bytes(void* p) {                                                             \
        plain_access(p, bytes, access_kind::read, __builtin_return_address(0));                    \
    }                                                                                              \
    void __tsan_write##bytes(void* p) {                                                            \
        plain_access(p, bytes, access_kind::write, __builtin_return_address(0));                   \
    }                                                                                              \
    void __tsan_unaligned_read##bytes(void* p) {                                                   \
        plain_access(p, bytes, access_kind::read, __builtin_return_address(0));                    \
    }                                                                                              \
    void __tsan_unaligned_write##bytes(void* p) {                                                  \
        plain_access(p, bytes, access_kind::write, __builtin_return_address(0));                   \
    }

#define AMPHI_HOOK_ATOMIC(bits, type)                                                              \
    type __tsan_atomic##bits##_load(const volatile type* p, int) {                                 \
        foreign_atomic();                                                                          \
        return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                               \
    }                                                                                              \
    void __tsan_atomic##bits##_store(volatile type* p, type value, int) {                          \
        foreign_atomic();                                                                          \
        __atomic_store_n(p, value, __ATOMIC_SEQ_CST);                                              \
    }                                                                                              \
    type __tsan_atomic##bits##_exchange(volatile type* p, type value, int) {                       \
        foreign_atomic();                                                                          \
        return __atomic_exchange_n(p, value, __ATOMIC_SEQ_CST);                                    \
    }                                                                                              \
    type __tsan_atomic##bits##_fetch_add(volatile type* p, type value, int) {                      \
        foreign_atomic();                                                                          \
        return __atomic_fetch_add(p, value, __ATOMIC_SEQ_CST);                                     \
    }                                                                                              \
    type __tsan_atomic##bits##_fetch_sub(volatile type* p, type value, int) {                      \
        foreign_atomic();                                                                          \
        return __atomic_fetch_sub(p, value, __ATOMIC_SEQ_CST);                                     \
    }                                                                                              \
    type __tsan_atomic##bits##_fetch_or(volatile type* p, type value, int) {                       \
        foreign_atomic();                                                                          \
        return __atomic_fetch_or(p, value, __ATOMIC_SEQ_CST);                                      \
    }                                                                                              \
    type __tsan_atomic##bits##_fetch_and(volatile type* p, type value, int) {                      \
        foreign_atomic();                                                                          \
        return __atomic_fetch_and(p, value, __ATOMIC_SEQ_CST);                                     \
    }                                                                                              \
    bool __tsan_atomic##bits##_compare_exchange_strong(                                            \
        volatile type* p, type* expected, type desired, int, int                                   \
    ) {                                                                                            \
        foreign_atomic();                                                                          \
        return __atomic_compare_exchange_n(                                                        \
            p, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST                        \
        );                                                                                         \
    }                                                                                              \
    bool __tsan_atomic##bits##_compare_exchange_weak(                                              \
        volatile type* p, type* expected, type desired, int success, int failure                   \
    ) {                                                                                            \
        return __tsan_atomic##bits##_compare_exchange_strong(                                      \
            p, expected, desired, success, failure                                                 \
        );                                                                                         \
    }

extern "C" {
AMPHI_HOOK_SIZED(1)
AMPHI_HOOK_SIZED(2)
AMPHI_HOOK_SIZED(4)
AMPHI_HOOK_SIZED(8)
AMPHI_HOOK_SIZED(16)
AMPHI_HOOK_ATOMIC(8, std::uint8_t)
AMPHI_HOOK_ATOMIC(16, std::uint16_t)
AMPHI_HOOK_ATOMIC(32, std::uint32_t)
AMPHI_HOOK_ATOMIC(64, std::uint64_t)

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_read_range(void* p, std::size_t bytes) {
    plain_access(p, bytes, access_kind::read, __builtin_return_address(0));
}
void __tsan_write_range(void* p, std::size_t bytes) {
    plain_access(p, bytes, access_kind::write, __builtin_return_address(0));
}
void __tsan_vptr_read(void** p) {
    plain_access(static_cast<void*>(p), sizeof *p, access_kind::read, __builtin_return_address(0));
}
void __tsan_vptr_update(void** p, void* value) {
    // Destructors of classes without derived ones write what is there already.
    if (*p == value) return;
    plain_access(static_cast<void*>(p), sizeof *p, access_kind::write, __builtin_return_address(0));
}
}
// NOLINTEND(bugprone-macro-parentheses)
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void* operator new(std::size_t bytes) {
    void* const block = std::malloc(bytes);
    if (block == nullptr) throw std::bad_alloc();
    forget(block, ::malloc_usable_size(block));
    return block;
}

void operator delete(void* block) noexcept {
    if (block == nullptr) return;
    // Whoever has used it must be done: freeing counts as writing.
    plain_access(
        block, ::malloc_usable_size(block), access_kind::write, __builtin_return_address(0)
    );
    std::free(block);
}

void operator delete(void* block, std::size_t) noexcept {
    ::operator delete(block);
}

// Exceptions come from malloc.
extern "C" void* __cxa_allocate_exception(std::size_t bytes) noexcept {
    static const auto real = next_definition<void* (*)(std::size_t)>("__cxa_allocate_exception");
    void* const block = real(bytes);
    forget(block, bytes);
    return block;
}

extern "C" int pthread_create(
    pthread_t* thread, const pthread_attr_t* attributes, void* (*entry)(void*), void* argument
) noexcept {
    if (interleave::simulation::participant* const self = interleave::this_participant()) {
        const interleave::inside guard(*self);
        *thread = self->in.start([entry, argument] { entry(argument); });
        return 0;
    }
    static const auto real = next_definition<decltype(&pthread_create)>("pthread_create");
    return real(thread, attributes, entry, argument);
}

extern "C" int pthread_join(pthread_t thread, void** result) {
    if (interleave::simulation::participant* const self = interleave::this_participant()) {
        const interleave::inside guard(*self);
        self->in.join(thread);
        return 0;
    }
    static const auto real = next_definition<decltype(&pthread_join)>("pthread_join");
    return real(thread, result);
}
