// SPDX-License-Identifier: BSL-1.0
// What starts concurrent work owns what it works on.
#include <amphi/amphi.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct order {
    int* total = nullptr;
};

amphi::task<> count(int) {
    co_return;
}
amphi::task<> say(const std::string&) {
    co_return;
}
amphi::task<> own(std::unique_ptr<std::vector<std::string>>) {
    co_return;
}

int plain(int n) {
    return n;
}

amphi::task<> body(amphi::task_scope& jobs, int local) {
    (void)co_await jobs.spawn(count, local);
    (void)co_await jobs.spawn(say, "becomes the string that the parameter asks for");
    (void)co_await jobs.spawn(own, std::make_unique<std::vector<std::string>>());
#if CASE == 1  // expect: may not capture
    const auto captures = [&local]() -> amphi::task<> { co_return (void)++ local; };
    (void)co_await jobs.spawn(captures);
#elif CASE == 2   // expect: is not sendable
    (void)co_await jobs.spawn([](int*) -> amphi::task<> { co_return; }, &local);
#elif CASE == 3   // expect: is not sendable
    (void)co_await jobs.spawn(
        [](std::reference_wrapper<int>) -> amphi::task<> { co_return; }, std::ref(local)
    );
#elif CASE == 4   // expect: is not sendable
    const std::string text;
    (void)co_await jobs.spawn([](std::string_view) -> amphi::task<> { co_return; }, text);
#elif CASE == 5   // expect: is not sendable
    std::vector<int> numbers;
    (void)co_await jobs.spawn([](std::span<int>) -> amphi::task<> { co_return; }, numbers);
#elif CASE == 6   // expect: is not sendable
    (void)co_await jobs.spawn([](std::function<void()>) -> amphi::task<> { co_return; }, [] {});
#elif CASE == 7   // expect: is not sendable
    auto shared = std::make_shared<std::vector<int>>();
    (void)co_await jobs.spawn(
        [](std::shared_ptr<std::vector<int>>) -> amphi::task<> { co_return; }, shared
    );
#elif CASE == 8   // expect: is not sendable
    (void)co_await jobs.spawn([](order) -> amphi::task<> { co_return; }, order(&local));
#elif CASE == 9   // expect: the result of a spawned task is not sendable
    (void)co_await jobs.spawn([](int) -> amphi::task<int*> { co_return nullptr; }, 1);
#elif CASE == 10  // expect: a plain function could block a worker
    (void)co_await jobs.spawn(plain, 1);
#elif CASE == 11  // expect: give one argument for each of f's parameters
    (void)co_await jobs.spawn(count);
#elif CASE == 12  // expect: nodiscard
    jobs.spawn(count, local);
#elif CASE == 13  // hole: a number may have been a pointer
    (void)co_await jobs.spawn(count, static_cast<int>(reinterpret_cast<long>(&local)));
#endif
}

void from_outside(int local) {
    amphi::run(amphi::threads, count, local);
#if CASE == 20  // expect: may not capture
    const auto captures = [&local]() -> amphi::task<> { co_return (void)++ local; };
    amphi::run(amphi::threads, captures);
#elif CASE == 21  // expect: run takes a coroutine function
    amphi::run(amphi::async, plain, local);
#endif
}
