// SPDX-License-Identifier: BSL-1.0
// Two ways to share: hand values over, or take turns.
#include <amphi/amphi.hpp>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>

// [channel]
amphi::task<> read_names(amphi::sender<std::string> to) {
    for (const char* name : {"ant", "bee", "cat"}) {
        const bool open = co_await to.send(name);  // waits while two are in the channel
        if (!open) break;                          // nobody receives any more
    }
}  // the last sender goes: the channel is closed

amphi::task<> print_names() {
    co_await amphi::scope([](amphi::task_scope& jobs) -> amphi::task<> {
        auto [to, from] = amphi::channel<std::string>(2);
        co_await jobs.spawn(read_names, std::move(to));
        while (auto name = co_await from.receive())  // empty once it is closed and read out
            std::puts(name->c_str());
    });
}
// [channel]

// [mutex]
using counts = amphi::mutex<std::map<std::string, int>>;

amphi::task<> count(std::shared_ptr<counts> into, std::string word) {
    auto guard = co_await into->lock();
    ++(*guard)[word];
}  // unlocked here

amphi::task<> count_words() {
    auto into = std::make_shared<counts>();
    co_await amphi::scope(
        [](amphi::task_scope& jobs, std::shared_ptr<counts>& all) -> amphi::task<> {
            for (const char* word : {"ant", "bee", "ant"})
                co_await jobs.spawn(count, all, word);
        },
        into
    );
    auto guard = co_await into->lock();
    for (const auto& [word, times] : *guard)
        std::printf("%s %d\n", word.c_str(), times);
}
// [mutex]

int main() {
    amphi::run(amphi::threads, print_names);
    amphi::run(amphi::async, count_words);
}
