// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/task_extras.hpp>

#include <amphi/base/atomic.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/task/operation.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <pthread.h>

namespace amphi::detail {

namespace {

constexpr std::size_t thread_name_max = 15;

std::uint64_t next_id() noexcept {
    // relaxed: the numbers have to differ, nothing else.
    static constinit atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

task_extras::task_extras() : id(next_id()) {}

void task_extras::end_with_code() noexcept {
    if (!name_of_thread_.empty()) ::pthread_setname_np(::pthread_self(), name_of_thread_.c_str());
    name_of_thread_.clear();
    const auto ended = std::exchange(locals_, {});  // Their ends may look for them: gone already.
}

void task_extras::name_this_thread() {
    if (name.empty()) return;
    char before[thread_name_max + 1] = {};
    if (name_of_thread_.empty() &&
        ::pthread_getname_np(::pthread_self(), before, sizeof before) == 0)
        name_of_thread_ = before;
    ::pthread_setname_np(::pthread_self(), name.substr(0, thread_name_max).c_str());
}

task_extras* task_extras::of_this_task(bool make) {
    task_block* const block = current_context().block;
    if (block == nullptr) return nullptr;
    return make ? &block->make_extras() : block->extras();
}

const std::shared_ptr<void>* task_extras::find(const void* key) const noexcept {
    const auto found = std::find_if(locals_.begin(), locals_.end(), [key](const auto& local) {
        return local.first == key;
    });
    return found != locals_.end() ? &found->second : nullptr;
}

void task_extras::set(const void* key, std::shared_ptr<void> value) {
    erase(key);
    locals_.emplace_back(key, std::move(value));
}

void task_extras::erase(const void* key) noexcept {
    std::erase_if(locals_, [key](const auto& local) { return local.first == key; });
}

}  // namespace amphi::detail
