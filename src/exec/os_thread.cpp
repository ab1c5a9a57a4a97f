// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/os_thread.hpp>

#include <amphi/base/error.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include <pthread.h>

namespace amphi::detail {

namespace {

struct start_record {
    void (*entry)(void*);
    void* argument;
    char name[16];
};

void* begin_thread(void* record) {
    const std::unique_ptr<start_record> start(static_cast<start_record*>(record));
    ::pthread_setname_np(::pthread_self(), start->name);
    start->entry(start->argument);
    return nullptr;
}

}  // namespace

pthread_t
start_os_thread(const char* name, std::size_t stack_bytes, void (*entry)(void*), void* argument) {
    auto record = std::make_unique<start_record>(start_record{entry, argument, {}});
    std::snprintf(record->name, sizeof record->name, "%s", name);

    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    int error = stack_bytes != 0 ? ::pthread_attr_setstacksize(&attributes, stack_bytes) : 0;
    pthread_t thread{};
    if (error == 0) error = ::pthread_create(&thread, &attributes, begin_thread, record.get());
    ::pthread_attr_destroy(&attributes);
    if (error != 0)
        throw_system_error(
            error,
            "start a thread (check `ulimit -u`, the cgroup's pids.max and the memory limit)",
            name
        );
    (void)record.release();  // begin_thread owns it now
    return thread;
}

void detach_os_thread(pthread_t thread) noexcept {
    ::pthread_detach(thread);
}

void join_os_thread(pthread_t thread) noexcept {
    ::pthread_join(thread, nullptr);
}

const void* stack_bottom_of_this_thread() noexcept {
    pthread_attr_t attributes;
    void* bottom = nullptr;
    std::size_t bytes = 0;
    if (::pthread_getattr_np(::pthread_self(), &attributes) == 0) {
        ::pthread_attr_getstack(&attributes, &bottom, &bytes);
        ::pthread_attr_destroy(&attributes);
    }
    return bottom;
}

}  // namespace amphi::detail
