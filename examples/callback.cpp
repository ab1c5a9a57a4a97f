// SPDX-License-Identifier: BSL-1.0
// A library that calls back, on a thread of its own, becomes something to await.
#include <amphi/amphi.hpp>

#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <utility>

// Stands for the library: it looks up a name and calls back when it knows.
class directory {
public:
    void find(std::string name, std::function<void(std::string)> found) {
        thread_ = std::jthread([name = std::move(name), found = std::move(found)] {
            found(name + " lives here");
        });
    }

private:
    std::jthread thread_;
};

// [completion]
amphi::task<std::string> find(directory& in, const std::string& name) {
    amphi::completion<std::string> answer;
    in.find(name, [to = answer.to_complete()](std::string found) {
        to.complete(std::move(found));
    });
    co_return co_await answer;
}
// [completion]

amphi::task<> body() {
    directory people;
    const std::string found = co_await find(people, "Ada");
    std::puts(found.c_str());
}

int main() {
    amphi::run(amphi::threads, body);
    amphi::run(amphi::async, body);
}
