# SPDX-License-Identifier: BSL-1.0
from harness import Row

ABOUT = "what a task costs: to start and join, to yield, with a timeout that does not fire"


def rows(bench):
    def ours(life, name):
        return lambda: bench.least_ns("amphi", f"on_{life}/{name}")

    yield Row(
        "start and join",
        {
            "amphi, async": ours("async", "spawn_and_join"),
            "amphi, threads": ours("threads", "spawn_and_join"),
            "std::thread": lambda: bench.least_ns("std_thread", "start_and_join"),
        },
    )
    yield Row("start all, join", {"amphi, async": ours("async", "spawn_all_and_join")})
    yield Row("rounds of 1,000", {"amphi, async": ours("async", "rounds_of_a_thousand")})
    yield Row("yield, one task", {"amphi, async": ours("async", "yield")})
    yield Row("yield, 1,000 tasks", {"amphi, async": ours("async", "yield_among_a_thousand")})
    yield Row(
        "timeout",
        {"amphi, async": ours("async", "timeout"), "amphi, threads": ours("threads", "timeout")},
    )
