# SPDX-License-Identifier: BSL-1.0
from harness import Limit, Row

ABOUT = "what tasks pay to share: locks, permits, channels"


def rows(bench):
    def contenders(name, rival):
        found = {
            f"amphi, {workers} worker{'s'[: workers - 1]}": (
                lambda w=workers: bench.least_ns("amphi", f"on_workers/{name}_{w}")
            )
            for workers in (1, 2)
        }
        if name != "oneshot":
            found["amphi, threads"] = lambda: bench.least_ns("amphi", f"on_threads/{name}")
        if rival:
            found["std::thread"] = lambda: bench.least_ns("std_thread", name)
        return found

    def limits(one, two):
        return [
            Limit("amphi, 1 worker", "ns", at_most=one),
            Limit("amphi, 2 workers", "ns", at_most=two),
        ]

    yield Row("a mutex, 8 tasks: lock, unlock", contenders("mutex", True), limits(15, 60))
    yield Row("4 permits, 8 tasks: take, release", contenders("semaphore", False), limits(15, 40))
    yield Row("two channels of 1: there and back", contenders("ping_pong", True), limits(60, 100))
    yield Row("a channel of 1,024: 2 to 1", contenders("two_producers", True), limits(20, 40))
    yield Row("a oneshot, made, spawned, received", contenders("oneshot", False), limits(100, 150))
