# SPDX-License-Identifier: BSL-1.0
"""What a case is made of, and what it may use. bench/run finds each `bench/NAME/case.py`, which has

    ABOUT = "what it measures, in one line"

    def rows(bench):            # a generator: it may start a server before its first row, and end
        yield Row(...)          # it in a `finally`; a row is measured where it is yielded

and beside it one source a library, NAME/LIBRARY.cpp, that bench/CMakeLists.txt lists.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
TIME_LIMIT_S = 120
REPETITIONS, REPETITION_S = 200, 0.001


class CannotRun(Exception):
    """A case cannot be measured here: a program is missing, or one has failed."""


@dataclass(frozen=True)
class Limit:
    """A figure of ours that shall be reached: at most `at_most`, or, with rivals, at most
    `at_most` times the figure of the best of them in the same rounds, plus `plus`."""

    contender: str
    figure: str
    at_most: float
    than: Sequence[str] = ()
    plus: float = 0.0


@dataclass(frozen=True)
class Row:
    """What is compared. Each contender is called once a round, all of them in turn (A B A B ...),
    and returns its figures by name, each name with its unit ("CPU us", "MB"). Less is better.
    A contender may return None: it has nothing to say on this machine."""

    name: str
    contenders: Mapping[str, Callable[[], Mapping[str, float] | None]]
    limits: Sequence[Limit] = ()


@dataclass
class Usage:
    """What a process took, its children included."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    output: str


@dataclass
class Measured:
    """The figures of a row, round by round."""

    rounds: dict = field(default_factory=dict)  # contender -> figure -> [value of each round]

    def add(self, contender: str, figures: Mapping[str, float]) -> None:
        of_contender = self.rounds.setdefault(contender, {})
        for figure, value in figures.items():
            of_contender.setdefault(figure, []).append(value)

    def middle(self, contender: str, figure: str) -> float:
        return median(self.rounds[contender][figure])

    def reached(self, limit: Limit) -> float | None:
        """What the limit speaks of: our figure, or its ratio to the best rival's (the median of
        the rounds' ratios, so that a busy round weighs on both sides). None: not measured."""
        ours = self.rounds.get(limit.contender, {}).get(limit.figure)
        if ours is None:
            return None
        if not limit.than:
            return median(ours)
        ratios = [
            median((our - limit.plus) / their for our, their in zip(ours, theirs))
            for rival in limit.than
            if (theirs := self.rounds.get(rival, {}).get(limit.figure))
        ]
        return max(ratios, default=None)


class Bench:
    """What a case uses."""

    def __init__(self, build: Path, case: str, rounds: int):
        self.rounds = rounds
        self._programs = build / "bench" / case
        self._build = build

    def program(self, library: str) -> str:
        """What bench/CMakeLists.txt has built from LIBRARY.cpp of this case."""
        return self._found(self._programs / library)

    def amphi(self) -> str:
        """Our command."""
        return self._found(self._build / "amphi")

    def tool(self, name: str) -> str:
        """A program of the system, also one that only root has in its path."""
        path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if path is None:
            raise CannotRun(f"{name} is not installed")
        return path

    def folder(self) -> tempfile.TemporaryDirectory:
        """A temporary folder, for `with`."""
        return tempfile.TemporaryDirectory(prefix="amphi-bench-")

    def run(self, *command: str, env: Mapping[str, str] = {}, expect: int = 0) -> Usage:
        """Runs a program to its end and says what it took. Anything but `expect` as its exit code
        is an error."""
        with tempfile.TemporaryFile("w+") as output:
            begun = time.monotonic()
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **env},
            )
            code, usage = wait_for(child, begun + TIME_LIMIT_S)
            wall = time.monotonic() - begun
            output.seek(0)
            text = output.read()
        if code != expect:
            raise CannotRun(f"{' '.join(command)}: exit code {code}\n{text[-2000:]}")
        return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text)

    def figures(self, *command: str, env: Mapping[str, str] = {}) -> dict:
        """Runs a program that prints its own figures, a line `name: value` each."""
        text = self.run(*command, env=env).output
        printed = re.findall(r"^(.+): ([\d.e+-]+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in printed}

    def least_ns(self, library: str, name: str) -> dict:
        """What an item of a Google Benchmark takes when nothing disturbs it: the least of many
        short repetitions. (On a machine that is shared with others even CPU time is up to twice
        that, and the mean says more of them than of us.)"""
        output = self.run(
            self.program(library),
            f"--benchmark_filter=^{name}(/|$)",
            f"--benchmark_min_time={REPETITION_S}",
            f"--benchmark_repetitions={REPETITIONS}",
            "--benchmark_format=json",
        ).output
        repetitions = json.loads(output[output.index("{") :])["benchmarks"]
        return {
            "ns": min(
                1e9 / repetition["items_per_second"]
                for repetition in repetitions
                if repetition["run_type"] == "iteration"
            )
        }

    @staticmethod
    def _found(path: Path) -> str:
        if not path.exists():
            raise CannotRun(f"{path} is not built: ./dev bench builds it")
        return str(path)


def wait_for(child: subprocess.Popen, until: float):
    """As os.wait4, but ends a child that takes too long."""
    killer = None
    try:
        # The alarm interrupts wait4: no thread, no polling.
        killer = signal.signal(signal.SIGALRM, lambda *_: child.kill())
        signal.setitimer(signal.ITIMER_REAL, max(until - time.monotonic(), 0.001))
        _, status, usage = os.wait4(child.pid, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, killer or signal.SIG_DFL)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage
