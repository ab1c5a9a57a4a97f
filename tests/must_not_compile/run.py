#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compiles the cases of one file, each of which must be refused for the right reason.

    run.py --compiler CXX --include DIR FILE

    #if CASE == 1  // expect: a phrase of the compiler's message
    ...misuse...
    #elif CASE == 2  // hole: why C++ cannot see this one
    ...misuse that compiles...
    #endif

Case 0, no case at all, must compile: else the others might fail for a reason of their own. A hole
must compile too, so that closing one is noticed. `// expect-g++:` and `// expect-clang++:` serve
where the compilers word it differently.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
from pathlib import Path

FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror=unused-result"]
COMPILER_FLAGS = {
    "clang++": ["-Werror=dangling", "-Werror=return-stack-address"],
    "g++": ["-Werror=return-local-addr"],
}

CASE = re.compile(r"^#(?:el)?if CASE == (\d+)\b(.*)$", re.MULTILINE)


def parse(text: str, family: str) -> dict:
    """Case -> the phrase that its refusal must contain; None: it must compile."""
    cases: dict = {0: None}
    for number, comment in CASE.findall(text):
        phrase = re.search(rf"// expect(?:-{re.escape(family)})?: (.*?)(?: // expect|$)", comment)
        if not phrase and "// hole: " not in comment:
            raise ValueError(f"case {number}: neither `// expect: phrase` nor `// hole: why`")
        cases[int(number)] = phrase[1].strip() if phrase else None
    if len(cases) == 1:
        raise ValueError("no case")
    return cases


def judge(command: list, number: int, phrase: str | None) -> str | None:
    """What is wrong with a case, if anything is."""
    result = subprocess.run(
        [*command, f"-DCASE={number}"], capture_output=True, text=True, check=False
    )
    compiles = result.returncode == 0
    if phrase is None:
        return None if compiles else f"case {number} must compile:\n{result.stderr}"
    if compiles:
        return f"case {number} compiles"
    if phrase not in result.stderr:
        return f"case {number} fails without saying '{phrase}':\n{result.stderr}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--include", required=True)
    parser.add_argument("file")
    options = parser.parse_args()

    family = "clang++" if "clang" in Path(options.compiler).name else "g++"
    command = [options.compiler, *FLAGS, *COMPILER_FLAGS[family], "-I", options.include]
    command.append(options.file)
    cases = parse(Path(options.file).read_text(encoding="utf-8"), family)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = list(pool.map(lambda case: judge(command, *case), cases.items()))
    for problem in filter(None, problems):
        print(problem, file=sys.stderr)
    print(f"{options.file}: {len(cases)} cases")
    return 1 if any(problems) else 0


if __name__ == "__main__":
    sys.exit(main())
