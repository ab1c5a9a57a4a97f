// SPDX-License-Identifier: BSL-1.0
// What is compared with: a process that starts a thread and joins it.
#include <thread>

int main() {
    std::thread([] {}).join();
}
