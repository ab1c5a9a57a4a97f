# SPDX-License-Identifier: BSL-1.0
from harness import Limit, Row

ABOUT = "a blocking read on a plain thread inside a scope: TCP echo, 64 bytes, one connection"

MESSAGES = "50000"


def rows(bench):
    def echo(library):
        return lambda: bench.figures(bench.program(library), "1", MESSAGES)

    yield Row(
        "a message",
        {"amphi": echo("amphi"), "recv and send": echo("plain")},
        [
            Limit("amphi", "CPU us", at_most=1.3, than=["recv and send"]),
            Limit("amphi", "wall us", at_most=1.3, than=["recv and send"]),
        ],
    )
