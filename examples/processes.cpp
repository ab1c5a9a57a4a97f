// SPDX-License-Identifier: BSL-1.0
// Programs as tasks: run, talked to, given a time limit.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

using namespace std::chrono_literals;

// [output]
amphi::task<std::string> sorted(std::string folder) {
    amphi::command list("ls");
    list.arg("-1").arg(folder).env("LC_ALL", "C");
    const amphi::command_output listed = co_await list.output();
    if (!listed.status.success()) {
        std::printf("ls: %s: %s", to_string(listed.status).c_str(), listed.error.c_str());
        co_return "";
    }
    co_return listed.output;
}
// [output]

// [talk]
amphi::task<> feed(amphi::pipe_writer to, std::string text) {
    co_await amphi::write_all(to, std::as_bytes(std::span(text)));
}  // the end of `to` is the end of the program's input

amphi::task<> sort_lines(std::string text) {
    amphi::command sort("sort");
    sort.input(amphi::stdio::pipe).output(amphi::stdio::pipe);
    amphi::child sorting = sort.spawn();
    co_await amphi::scope(
        [](amphi::task_scope& jobs, amphi::child& of, std::string unsorted) -> amphi::task<> {
            co_await jobs.spawn(feed, std::move(of.input()), std::move(unsorted));
            amphi::lines from(of.output());
            for (;;) {
                const std::optional<std::string> line = co_await from.next();
                if (!line) break;
                std::printf("%s\n", line->c_str());
            }
        },
        sorting,
        std::move(text)
    );
    (void)co_await sorting.wait();
}
// [talk]

// [limit]
amphi::task<> end_in_time(amphi::command program) {
    amphi::child running = program.spawn();
    auto first = co_await amphi::select(running.ended(), amphi::sleep_for(50ms));
    if (first.index() == 1) {
        running.terminate();  // a wish; `kill` is none
        first = co_await amphi::select(running.ended(), amphi::sleep_for(5s));
        if (first.index() == 1) running.kill();
    }
    const amphi::exit_status status = co_await running.wait();
    std::printf("%s: %s\n", program.program().c_str(), to_string(status).c_str());
}
// [limit]

amphi::task<> body() {
    const std::string listed = co_await sorted("/no/such/folder");
    std::printf("%zu bytes listed\n", listed.size());
    co_await sort_lines("pear\napple\nfig\n");
    co_await end_in_time(amphi::command("sleep").arg("1000"));
    try {
        (void)co_await amphi::command("no-such-program").status();
    } catch (const std::system_error& error) {
        std::puts(error.what());
    }
}

// [input]
amphi::task<std::size_t> count_lines() {
    auto input = amphi::standard_input();
    amphi::lines from(input);
    for (std::size_t count = 0;; ++count) {
        const std::optional<std::string> line = co_await from.next();
        if (!line) co_return count;
    }
}
// [input]

int main(int argc, char**) {
    if (argc > 1) {
        std::printf("%zu lines\n", amphi::run(amphi::default_executor, count_lines));
        return 0;
    }
    amphi::run(amphi::default_executor, body);
}
