# SPDX-License-Identifier: BSL-1.0
from harness import Row

ABOUT = "what a task costs: to start and join, to yield, with a timeout that does not fire"


def rows(bench):
    def ours(name):
        return lambda: bench.least_ns("amphi", f"measure/{name}")

    yield Row(
        "start and join",
        {
            "amphi, async": ours("spawn_and_join_async"),
            "amphi, threads": ours("spawn_and_join_threads"),
            "std::thread": lambda: bench.least_ns("std_thread", "start_and_join"),
        },
    )
    yield Row("yield", {"amphi, async": ours("yield_async")})
    yield Row(
        "timeout",
        {"amphi, async": ours("timeout_async"), "amphi, threads": ours("timeout_threads")},
    )
