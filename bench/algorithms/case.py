# SPDX-License-Identifier: BSL-1.0
from harness import Limit, Row

ABOUT = "the algorithms: sums, maps and sorts, and two trees of small jobs"


def rows(bench):
    def ours(library, what, workers):
        return lambda: bench.figures(bench.program(library), what, str(workers))

    def row(name, what, rivals, limits=()):
        contenders = {"a loop": ours("sequential", what, 1)}
        for workers in (1, 2):
            contenders[f"amphi, {workers}"] = ours("amphi", what, workers)
        for rival in rivals:
            contenders[f"{rival}, 2"] = ours(rival, what, 2)
        return Row(name, contenders, limits=limits)

    both = ["tbb", "std_par"]
    # The limits are the ratios to the loop on the machine where they were set.
    loop = ["a loop"]
    yield row(
        "sum of square roots, 100,000,000",
        "sum",
        both,
        [Limit("amphi, 2", "ms", at_most=0.52, than=loop)],
    )
    yield row(
        "map and collect, 20,000,000",
        "map",
        both,
        [Limit("amphi, 2", "ms", at_most=0.49, than=loop)],
    )
    yield row(
        "sort, 20,000,000 of 64 bits",
        "sort",
        both,
        [Limit("amphi, 2", "ms", at_most=0.25, than=loop)],
    )
    yield row("skynet, 1,000,000 leaves", "skynet", ["tbb"])
    yield row(
        "12 queens",
        "queens",
        ["tbb"],
        [
            Limit("amphi, 1", "ms", at_most=1.06, than=loop),
            Limit("amphi, 2", "ms", at_most=0.55, than=loop),
        ],
    )
