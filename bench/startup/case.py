# SPDX-License-Identifier: BSL-1.0
from functools import cache

from harness import Limit, Row

ABOUT = "a process from its start to its end"

RUNS_A_ROUND = "200"
FIGURES = ("wall us, undisturbed", "wall us", "CPU us")
PROGRAMS = {
    "std::thread": "thread",
    "amphi": "amphi",
    "amphi, a read on each worker": "amphi_reads",
}


def rows(bench):
    @cache
    def measured(_round):
        """The launcher itself takes turns, a process of each kind after the other."""
        paths = [bench.program(name) for name in PROGRAMS.values()]
        workers = {"AMPHI_WORKERS": "2"}
        return bench.figures(bench.program("launcher"), RUNS_A_ROUND, *paths, env=workers)

    def process(program):
        rounds = iter(range(bench.rounds))

        def run_once():
            path = bench.program(program)
            figures = measured(next(rounds))
            return {name: figures[f"{path} {name}"] for name in FIGURES}

        return run_once

    yield Row(
        "a process",
        {name: process(program) for name, program in PROGRAMS.items()},
        [Limit("amphi", FIGURES[0], at_most=1, than=["std::thread"], plus=150)],
    )
