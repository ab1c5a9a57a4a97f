# SPDX-License-Identifier: BSL-1.0
from harness import Limit, Row

ABOUT = "one co_await of a task that is ready, in either life, from a static and a shared library"

STATIC_NS, SHARED_NS = 8, 11


def rows(bench):
    def ours(program, life):
        return lambda: bench.least_ns(program, f"await_ready/{life}")

    yield Row(
        "a co_await",
        {
            "threads": ours("amphi", "threads"),
            "async": ours("amphi", "async"),
            "threads, shared library": ours("amphi_shared", "threads"),
            "async, shared library": ours("amphi_shared", "async"),
            "by hand": lambda: bench.least_ns("by_hand", "await_ready"),
        },
        [
            Limit("threads", "ns", at_most=STATIC_NS),
            Limit("async", "ns", at_most=STATIC_NS),
            Limit("threads, shared library", "ns", at_most=SHARED_NS),
            Limit("async, shared library", "ns", at_most=SHARED_NS),
        ],
    )
