# SPDX-License-Identifier: BSL-1.0
import json

from harness import Limit, Row

ABOUT = "one co_await of a task that is ready, in either life, from a static and a shared library"

STATIC_NS, SHARED_NS = 8, 11


def rows(bench):
    def nanoseconds(program, life):
        def run_once():
            output = bench.run(
                bench.program(program),
                f"--benchmark_filter=^await_ready/{life}/",
                "--benchmark_min_time=0.1",
                "--benchmark_format=json",
            ).output
            measured = json.loads(output[output.index("{") :])["benchmarks"][0]
            return {"CPU ns": 1e9 / measured["items_per_second"]}

        return run_once

    yield Row(
        "a co_await",
        {
            "threads": nanoseconds("amphi", "threads"),
            "async": nanoseconds("amphi", "async"),
            "threads, shared library": nanoseconds("amphi_shared", "threads"),
            "async, shared library": nanoseconds("amphi_shared", "async"),
        },
        [
            Limit("threads", "CPU ns", at_most=STATIC_NS),
            Limit("async", "CPU ns", at_most=STATIC_NS),
            Limit("threads, shared library", "CPU ns", at_most=SHARED_NS),
            Limit("async, shared library", "CPU ns", at_most=SHARED_NS),
        ],
    )
