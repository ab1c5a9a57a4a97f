#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Keeps the code in the pages equal to the code that is compiled.

    snippets.py --check [ROOT]    fails where a page differs
    snippets.py --write [ROOT]    copies the code into the pages

A page quotes a file, or the region between two lines `// [server]` of it, in the fence that follows

    <!-- snippet: examples/echo.cpp#server -->
"""

import re
import sys
import textwrap
from pathlib import Path

SNIPPET = re.compile(
    r"^<!-- snippet: (?P<path>[^\s#]+)(?:#(?P<region>\w+))? -->\n"
    r"(?P<open>`{3,}\w*\n)(?P<code>.*?)(?P<close>^`{3,}$)",
    re.DOTALL | re.MULTILINE,
)
MARK = "<!-- snippet:"


def region(text: str, name: str | None) -> str | None:
    """The text between its marks, without indentation; the whole file less its licence line."""
    if name is None:
        return re.sub(r"\A// SPDX[^\n]*\n+", "", text)
    parts = re.split(rf"^[ \t]*// \[{re.escape(name)}\]\n", text, flags=re.MULTILINE)
    if len(parts) != 3:
        return None
    inner = re.sub(r"^[ \t]*// \[\w+\]\n", "", parts[1], flags=re.MULTILINE)
    return textwrap.dedent(inner).strip("\n") + "\n"


def render(page: str, root: Path) -> tuple:
    """The page as it should be, and what cannot be found."""
    problems = []

    def quote(match: re.Match) -> str:
        path = root / match["path"]
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        code = region(text, match["region"]) if text else None
        if code is None:
            problems.append(f"{match['path']}#{match['region']}: no such file or region")
            return match[0]
        head = match[0][: match.start("code") - match.start()]
        return head + code + match["close"]

    rendered = SNIPPET.sub(quote, page)
    if len(SNIPPET.findall(page)) != len(re.findall(f"^{MARK}", page, re.MULTILINE)):
        problems.append("a snippet comment without a fence below it")
    return rendered, problems


def main(arguments: list) -> int:
    if not arguments or arguments[0] not in ("--check", "--write"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    root = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).resolve().parent.parent
    status = 0
    for path in sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")]):
        page = path.read_text(encoding="utf-8")
        rendered, problems = render(page, root)
        if arguments[0] == "--write" and rendered != page:
            path.write_text(rendered, encoding="utf-8")
        elif rendered != page:
            problems.append("differs from the code that it quotes: tools/snippets.py --write")
        for problem in problems:
            print(f"{path.relative_to(root)}: {problem}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
