// SPDX-License-Identifier: BSL-1.0
// Does one read on each of two workers, so that each has made its driver, and ends.
#include <amphi/amphi.hpp>

#include <cstdlib>
#include <latch>

#include <fcntl.h>
#include <unistd.h>

namespace {

// Keeps either worker until the other one has a task too.
std::latch both_at_work(2);

amphi::task<> read_once() {
    int ends[2];
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) std::abort();
    both_at_work.arrive_and_wait();
    if (::write(ends[1], "x", 1) != 1) std::abort();
    co_await amphi::readable(ends[0]);
    char byte = 0;
    if (::read(ends[0], &byte, 1) != 1) std::abort();
}

amphi::task<> two_reads() {
    co_await amphi::when_all(amphi::call(read_once), amphi::call(read_once));
}

}  // namespace

int main() {
    amphi::run(amphi::async, two_reads);
}
