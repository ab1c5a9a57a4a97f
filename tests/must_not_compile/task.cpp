// SPDX-License-Identifier: BSL-1.0
// A task is awaited where it is made, once.
#include <amphi/task/task.hpp>

#include <utility>

amphi::task<int> child(const int& n) {
    co_return n;
}

amphi::task<int> control() {
    const int n = 1;
    const int twice = co_await child(n + n);
    co_return twice;
}

#if CASE == 1  // expect: deleted
amphi::task<> awaits_a_named_task() {
    auto named = child(1);
    co_await named;
}
#elif CASE == 2  // expect: deleted
amphi::task<> awaits_a_moved_task() {
    auto named = child(1);
    co_await std::move(named);
}
#elif CASE == 3  // expect: a task does nothing until it is awaited
amphi::task<> drops_a_task() {
    child(1);
    co_return;
}
#elif CASE == 4  // expect: a task returns a value: references dangle too easily
amphi::task<int&> returns_a_reference(int& n) {
    co_return n;
}
#elif CASE == 5  // expect: await_transform
struct stranger {};
amphi::task<> awaits_what_cannot_be_awaited() {
    co_await stranger{};
}
#endif
