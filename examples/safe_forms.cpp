// SPDX-License-Identifier: BSL-1.0
// What g++ 12 compiles wrongly, in the form that every compiler gets right.
#include <amphi/amphi.hpp>

#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

// [condition]
amphi::task<int> next_token(int last) {
    co_return last - 1;
}

amphi::task<int> count_down(int from) {
    int steps = 0;
    for (;;) {
        from = co_await next_token(from);  // not: while (co_await next_token(from) > 0)
        if (from == 0) co_return steps;
        ++steps;
    }
}
// [condition]

// [temporaries]
struct limits {
    int retries = 3;
    std::string host;
};

amphi::task<int> attempts(limits within) {
    co_return within.retries + 1;
}

amphi::task<int> attempts_at_home() {
    limits within{.retries = 4, .host = "localhost"};  // named: it is no temporary of the await
    co_return co_await attempts(std::move(within));
}
// [temporaries]

// [locks]
class counter {
public:
    amphi::task<int> next() {
        int taken = 0;
        {
            const std::lock_guard guard(mutex_);
            taken = ++count_;
        }  // released before the co_await: the task may go on, on another thread
        co_await amphi::yield();
        co_return taken;
    }

private:
    std::mutex mutex_;
    int count_ = 0;
};
// [locks]

amphi::task<> body() {
    const int steps = co_await count_down(3);
    const int tries = co_await attempts_at_home();
    counter numbers;
    const int number = co_await numbers.next();
    std::printf("%d steps, %d attempts, number %d\n", steps, tries, number);
}

int main() {
    amphi::run(amphi::async, body);
}
