# SPDX-License-Identifier: BSL-1.0
from harness import CannotRun, Limit, Row

ABOUT = "TCP echo, 64 bytes, one worker: CPU a message"

MESSAGES = {1: 50_000, 64: 200_000, 1000: 200_000}


def rows(bench):
    def echo(library, connections, driver="epoll"):
        load = (str(connections), str(MESSAGES[connections]))

        def run_once():
            return bench.figures(bench.program(library), *load, env={"AMPHI_DRIVER": driver})

        return run_once

    def where_allowed(run_once):
        """A system may refuse an io_uring: then there is nothing to measure."""

        def run_or_skip():
            try:
                return run_once()
            except CannotRun:
                return None

        return run_or_skip

    for connections in MESSAGES:
        yield Row(
            f"{connections:,} connections",
            {
                "amphi": echo("amphi", connections),
                "epoll": echo("epoll", connections),
                "amphi, io_uring": where_allowed(echo("amphi", connections, "uring")),
                "io_uring": where_allowed(echo("uring", connections)),
            },
            [Limit("amphi", "CPU us", at_most=1.05, than=["epoll", "io_uring"])],
        )
