// SPDX-License-Identifier: BSL-1.0
// Values that come one after the other.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

// [generator]
amphi::stream<int> readings(int count) {
    for (int n = 1; n <= count; ++n) {
        co_await amphi::sleep_for(1ms);  // whatever a task may await
        co_yield n * 10;
    }
}

amphi::task<> print_readings() {
    auto values = readings(3);  // nothing has begun
    while (auto value = co_await values.next())
        std::printf("%d\n", *value);
}
// [generator]

// [pipeline]
bool is_warm(int degrees) {
    return degrees > 10;
}

std::string label(int degrees) {
    return std::to_string(degrees) + " degrees";
}

amphi::task<> print_the_first_warm_ones() {
    auto warm = readings(1000) | amphi::filter(is_warm) | amphi::map(label) | amphi::take(2);
    while (auto text = co_await warm.next())
        std::puts(text->c_str());
}
// [pipeline]

// [concurrent]
amphi::task<std::size_t> measure(std::string name) {
    co_await amphi::sleep_for(2ms);
    co_return name.size();
}

amphi::task<> measure_many(amphi::task_scope& jobs) {
    std::vector<std::string> names{"ant", "bear", "camel"};
    auto sizes = amphi::stream_of(std::move(names)) | amphi::buffered(jobs, 2, measure);
    while (auto size = co_await sizes.next())  // two are measured at a time; these come in order
        std::printf("%zu letters\n", *size);
}
// [concurrent]

// [merge]
amphi::task<> print_both(amphi::task_scope& jobs) {
    auto both = amphi::merge(jobs, readings(2), readings(2));
    auto chunks = std::move(both) | amphi::chunks_timeout(jobs, 4, 1h);
    while (auto chunk = co_await chunks.next())
        std::printf("%zu at once\n", chunk->size());
}
// [merge]

// [frames]
amphi::task<> talk() {
    auto [from, to] = amphi::make_pipe();
    const auto format = amphi::frame_format().length_bytes(2).length_max(1000);
    for (const std::string_view word : {"hello", "goodbye"})
        co_await amphi::write_frame(to, std::as_bytes(std::span(word)), format);
    to.close();
    amphi::frames words(from, format);
    while (auto frame = co_await words.next())
        std::printf("%zu bytes\n", frame->size());
}
// [frames]

// [delays]
amphi::task<> expire() {
    amphi::delay_queue<std::string> sessions;
    const auto anna = sessions.insert("anna", 1ms);
    sessions.insert("bert", 2ms);
    sessions.reset(anna, 4ms);  // she was here
    sessions.close();           // the end comes when it is empty
    while (auto name = co_await sessions.receive())
        std::printf("%s has left\n", name->c_str());
}
// [delays]

amphi::task<> all() {
    co_await print_readings();
    co_await print_the_first_warm_ones();
    co_await amphi::scope(measure_many);
    co_await amphi::scope(print_both);
    co_await talk();
    co_await expire();
}

int main() {
    amphi::run(amphi::threads, all);
    amphi::run(amphi::async, all);
}
