# SPDX-License-Identifier: BSL-1.0
from harness import Limit, Row

ABOUT = "what a fork costs: Fibonacci numbers by join, without a cut-off"


def rows(bench):
    def ours(library, workers):
        return lambda: bench.least_ns(library, f"fibonacci/{workers}")

    yield Row(
        "a fork and its join",
        {
            "amphi, 1 worker": ours("amphi", 1),
            "amphi, 2 workers": ours("amphi", 2),
            "oneTBB, 1 worker": ours("tbb", 1),
            "oneTBB, 2 workers": ours("tbb", 2),
            "a call": lambda: bench.least_ns("calls", "fibonacci"),
        },
        limits=[
            Limit("amphi, 1 worker", "ns", at_most=10),
            Limit("amphi, 2 workers", "ns", at_most=5.2),
        ],
    )
