// SPDX-License-Identifier: BSL-1.0
// What the three consumer projects build: a program that knows amphi from its installed headers.
#include <amphi/amphi.hpp>

#include <cstdio>

amphi::task<int> twice(int n) {
    co_return 2 * n;
}

amphi::task<int> body(int n) {
    const int doubled = co_await twice(n);
    co_return doubled;
}

int main() {
    const int on_threads = amphi::run(amphi::threads, body, 21);
    const int on_async = amphi::run(amphi::async, body, 21);
    std::printf("%d %d\n", on_threads, on_async);
    return on_threads == 42 && on_async == 42 ? 0 : 1;
}
