// SPDX-License-Identifier: BSL-1.0
// On plain threads nested awaits are nested calls: a debugger shows who waits for whom.
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <execinfo.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using namespace amphi;

/// The functions of this program by their addresses in the file, as nm(1) lists them: also the
/// local ones, which dladdr(3) does not know.
std::map<std::uintptr_t, std::string> functions_of_this_program() {
    std::map<std::uintptr_t, std::string> functions;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> nm(
        ::popen(("nm /proc/" + std::to_string(::getpid()) + "/exe").c_str(), "r"), ::pclose
    );
    std::array<char, 4096> line{};
    while (nm && std::fgets(line.data(), line.size(), nm.get()) != nullptr) {
        std::uintptr_t address = 0;
        char type = 0;
        std::array<char, 4096> name{};
        if (std::sscanf(line.data(), "%lx %c %4095s", &address, &type, name.data()) == 3 &&
            (type == 't' || type == 'T' || type == 'W'))
            functions.emplace(address, name.data());
    }
    return functions;
}

/// The names of the callers, innermost first.
[[gnu::noinline]] std::vector<std::string> callers() {
    const auto functions = functions_of_this_program();
    std::array<void*, 100> addresses{};
    const int count = ::backtrace(addresses.data(), static_cast<int>(addresses.size()));
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
        Dl_info where{};
        if (::dladdr(addresses[static_cast<std::size_t>(i)], &where) == 0) continue;
        const auto address =
            reinterpret_cast<std::uintptr_t>(addresses[static_cast<std::size_t>(i)]);
        const auto offset = address - reinterpret_cast<std::uintptr_t>(where.dli_fbase);
        const auto next = functions.upper_bound(offset);
        if (next != functions.begin()) names.push_back(std::prev(next)->second);
    }
    return names;
}

std::vector<std::string> seen;

task<> stack_innermost() {
    seen = callers();
    co_return;
}

task<int> stack_middle(int n) {
    co_await stack_innermost();
    co_return n;
}

task<> stack_in_scope() {
    co_await scope([](task_scope&) -> task<> {
        const int n = co_await stack_middle(1);
        EXPECT_EQ(n, 1);
    });
}

[[gnu::noinline]] std::size_t stack_of_main() {
    run(threads, stack_in_scope);
    return seen.size();  // What follows the call keeps it from becoming a jump.
}

std::size_t place_of(const char* part) {
    for (std::size_t i = 0; i < seen.size(); ++i)
        if (seen[i].find(part) != std::string::npos) return i;
    ADD_FAILURE() << part << " is not on the stack:\n" << ::testing::PrintToString(seen);
    return seen.size();
}

TEST(native_stack, of_a_plain_thread_shows_the_awaiting_tasks) {
    EXPECT_GT(stack_of_main(), 4u);
    const std::size_t innermost = place_of("stack_innermost");
    const std::size_t middle = place_of("stack_middle");
    const std::size_t outer = place_of("stack_in_scope");
    const std::size_t caller = place_of("stack_of_main");
    EXPECT_LT(innermost, middle);
    EXPECT_LT(middle, outer);
    EXPECT_LT(outer, caller);
}

}  // namespace
