// SPDX-License-Identifier: BSL-1.0
// A stream has one owner; what it yields is made from a value that has a type.
#include <amphi/stream/stream.hpp>

#include <amphi/stream/map.hpp>
#include <amphi/stream/merge.hpp>
#include <amphi/stream/stream_of.hpp>

#include <string>
#include <utility>

int twice(int n) {
    return 2 * n;
}

amphi::stream<std::string> control() {
    auto named = amphi::stream_of({1, 2});
    auto doubled = std::move(named) | amphi::map(twice);
    while (auto n = co_await doubled.next())
        co_yield std::to_string(*n);
}

#if CASE == 1  // expect: deleted
void copies_a_stream() {
    auto named = amphi::stream_of({1, 2});
    auto doubled = named | amphi::map(twice);
}
#elif CASE == 2  // expect: yield_value
amphi::stream<std::string> yields_bare_braces() {
    co_yield {"a", "b"};
}
#elif CASE == 3  // expect: await_transform
amphi::task<> awaits_a_named_next(amphi::stream<int>& from) {
    auto next = from.next();
    (void)co_await next;
}
#elif CASE == 4  // expect: a stream gives values: its items must be movable objects
amphi::stream<int&> yields_references(int& n) {
    co_yield n;
}
#elif CASE == 5  // expect: a stream makes nothing until its next
void drops_a_stream() {
    control();
}
#elif CASE == 6  // expect: what goes through a channel crosses threads: T must be sendable
amphi::stream<int*> pointers(int& n) {
    co_yield &n;
}
amphi::stream<int*> merges_what_may_not_cross(amphi::task_scope& jobs, int& n) {
    return amphi::merge(jobs, pointers(n), pointers(n));
}
#endif
