// SPDX-License-Identifier: BSL-1.0
// What belongs to a task and not to a thread: its variables and its name.
#include <amphi/amphi.hpp>

#include <cstdio>
#include <string>

// [task_local]
amphi::task_local<std::string> request_id;

amphi::task<> log(std::string text) {
    co_await amphi::yield();  // it may go on, on another worker
    const std::string* id = request_id.get();
    std::printf("[%s] %s\n", id != nullptr ? id->c_str() : "-", text.c_str());
}

amphi::task<> handle_request(std::string id) {
    request_id.set(id);
    amphi::this_task::set_name("request " + id);
    co_await log("begins");  // the same task: it sees the value
    co_await log("ends");
}

amphi::task<> handle_requests() {
    co_await amphi::scope([](amphi::task_scope& jobs) -> amphi::task<> {
        co_await jobs.spawn(handle_request, "a7");
        co_await jobs.spawn(handle_request, "b8");
        co_await log("nothing was inherited");
    });
}
// [task_local]

int main() {
    amphi::run(amphi::threads, handle_requests);
    amphi::run(amphi::async, handle_requests);
}
