# SPDX-License-Identifier: BSL-1.0
from harness import Limit, Row

ABOUT = "1,000,000 tasks parked on a sleep, on async: growth of the resident memory"

TASKS = "1000000"


def rows(bench):
    yield Row(
        "a parked task",
        {"amphi": lambda: bench.figures(bench.program("amphi"), TASKS)},
        [
            Limit("amphi", "bytes a task", at_most=256),
            Limit("amphi", "at the peak", at_most=256),
        ],
    )
