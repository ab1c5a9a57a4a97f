#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks the tree for what neither the compiler nor clang-tidy can see.

    tidy.py [ROOT]

Each check is a generator of findings over a Tree and is listed, with what it enforces, in STYLE.md.
tidy_test.py feeds each of them small made-up trees.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import coroutine_check

LINE_LENGTH = 100
FILE_SIZE = 512 * 1024
BUDGET_SLACK = 0.02

COMMAND_ROOMS = ("cli", "compare", "doctor", "fetch", "profile", "serve")


class Finding(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class Tree:
    """The text files of a tree, by their path relative to its root."""

    def __init__(self, texts: dict, root: Path | None = None):
        self.texts = texts
        self.root = root
        self.sources = [path for path in texts if path.endswith((".hpp", ".cpp"))]
        self._code: dict = {}

    @classmethod
    def read(cls, root: Path) -> "Tree":
        texts = {}
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root)
            hidden = any(part.startswith(".") and part != ".ci" for part in name.parts[:-1])
            if hidden or name.parts[0] in ("build", ".git") or "__pycache__" in name.parts:
                continue
            if path.is_file():
                texts[name.as_posix()] = path.read_text(encoding="utf-8", errors="replace")
        return cls(texts, root)

    def lines(self, path: str):
        return enumerate(self.texts[path].split("\n"), 1)

    def code_lines(self, path: str):
        """The lines of a source without its comments and literals."""
        if path not in self._code:
            self._code[path] = coroutine_check.blank(self.texts[path])
        return enumerate(self._code[path].split("\n"), 1)

    def includes(self, path: str):
        """Yields (line, opening character, name) of each #include."""
        for number, line in self.lines(path):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                yield number, match[1], match[2]

    def entries(self, path: str):
        """Yields (line, words) of a list file, its comments left out."""
        for number, line in self.lines(path) if path in self.texts else ():
            words = line.split("#")[0].split()
            if words:
                yield number, words


def room_of(path: str) -> str | None:
    match = re.match(r"(?:include/amphi|src|tests)/([a-z_]+)/", path)
    return match[1] if match else None


def is_library(path: str) -> bool:
    return path.startswith(("include/", "src/")) and room_of(path) not in COMMAND_ROOMS


# --- Layers and includes ----------------------------------------------------------------------

LAYERS = "tools/layers.txt"

KERNEL_HEADER = re.compile(r"(liburing\.h|linux/.*|sys/.*)$")
KERNEL_ROOMS = ("base", "task", "exec", "async", "io", "net", "fs", "process", *COMMAND_ROOMS)
HEAVY_HEADERS = ("functional", "iostream", "ranges", "regex")


def reachable_rooms(tree: Tree) -> dict:
    """For each room, those that it may include."""
    reach: dict = {}
    for _, (name, *below) in tree.entries(LAYERS):
        rooms = set(below)
        for room in below:
            rooms |= reach[room]  # A KeyError here: layers.txt does not list it from below upwards.
        reach[name.rstrip(":")] = rooms
    return reach


def check_layers(tree: Tree):
    reach = reachable_rooms(tree)
    for path in tree.sources:
        room = room_of(path)
        if not path.startswith(("include/", "src/")) or room is None:
            continue
        if room not in reach:
            yield Finding(path, 1, f"room {room} is not in {LAYERS}")
            continue
        for line, _, name in tree.includes(path):
            match = re.match(r"amphi/(?:([a-z_]+)/)?", name)
            if match and match[1] is None and name != "amphi/version.hpp":
                if room not in COMMAND_ROOMS:
                    yield Finding(path, line, f"<{name}> is for users: include what is needed")
            elif match and match[1] and match[1] not in reach[room] | {room}:
                yield Finding(path, line, f"{room} may not include {match[1]} ({LAYERS})")


def check_private_headers(tree: Tree):
    """A header beside the sources is its room's alone. The command's rooms have no users: theirs
    stand beside the sources, are included as "room/x.hpp", and obey the ladder."""
    reach = reachable_rooms(tree)
    for path in tree.sources:
        room = room_of(path)
        for line, opening, name in tree.includes(path):
            owner = room_of(f"src/{name}") if f"src/{name}" in tree.texts else None
            beside = (Path(path).parent / name).as_posix() in tree.texts
            if opening == "<" or owner == room:
                continue
            if path.startswith("include/"):
                yield Finding(path, line, f'"{name}": a public header includes only public ones')
            elif owner in COMMAND_ROOMS:
                if room in reach and owner not in reach[room]:
                    yield Finding(path, line, f"{room} may not include {owner} ({LAYERS})")
            elif owner and room not in ("interleave", "stress"):
                yield Finding(path, line, f'"{name}" is private to {owner}')
            elif path.startswith("src/") and not owner and not beside:
                yield Finding(path, line, f'"{name}" is not beside this file')


def check_system_headers(tree: Tree):
    for path in tree.sources:
        for line, _, name in tree.includes(path):
            if path.startswith("include/") and name in HEAVY_HEADERS:
                yield Finding(path, line, f"<{name}> is too heavy for a public header")
            if KERNEL_HEADER.match(name) and path.startswith(("include/", "src/")):
                if path.startswith("include/") or room_of(path) not in KERNEL_ROOMS:
                    yield Finding(path, line, f"<{name}>: no place for system calls")


def check_header_guard(tree: Tree):
    for path in tree.sources:
        if path.endswith(".hpp") and not re.search("^#pragma once$", tree.texts[path], re.M):
            yield Finding(path, 1, "no #pragma once")


# --- Sizes ------------------------------------------------------------------------------------

RATCHET = "tools/ratchet.txt"


def ratchet(tree: Tree, kind: str) -> dict:
    """The entries of one kind: name -> (line, number)."""
    return {
        words[1]: (line, int(words[2]) if len(words) > 2 else 0)
        for line, words in tree.entries(RATCHET)
        if words[0] == kind
    }


def length_allowed(path: str) -> int:
    if path.startswith("tests/"):
        return 500
    return 400 if path.endswith(".hpp") else 600


def check_sizes(tree: Tree):
    exceptions = ratchet(tree, "lines")
    for path in [*tree.sources, *(path for path in tree.texts if path.endswith(".py"))]:
        count = tree.texts[path].count("\n")
        limit = length_allowed(path)
        line, allowed = exceptions.pop(path, (0, limit))
        if count > allowed:
            yield Finding(path, count, f"{count} lines, {allowed} are allowed: split it")
        elif line and count <= limit:
            yield Finding(RATCHET, line, f"{path} needs no exception any more")
        elif line and count < allowed:
            yield Finding(RATCHET, line, f"{path} has shrunk: write {count}")
    for path, (line, _) in exceptions.items():
        yield Finding(RATCHET, line, f"{path} does not exist")
    for path, text in tree.texts.items():
        if len(text) > FILE_SIZE:
            yield Finding(path, 1, f"larger than {FILE_SIZE} bytes")


def check_budget(tree: Tree):
    """What a user pays for a header, each time that it is included."""
    if tree.root is None or compiler_version() != "12":
        return
    for header, (line, recorded) in ratchet(tree, "preprocessed").items():
        if f"include/{header}" not in tree.texts:
            yield Finding(RATCHET, line, f"{header} does not exist")
            continue
        count = preprocessed_lines(tree.root, header)
        if abs(count - recorded) > recorded * BUDGET_SLACK:
            verb = "grown" if count > recorded else "shrunk"
            yield Finding(RATCHET, line, f"<{header}> has {verb} from {recorded} to {count} lines")


def compiler_version() -> str | None:
    try:
        return subprocess.run(
            ["g++", "-dumpversion"], capture_output=True, text=True, check=True
        ).stdout.split(".")[0].strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def preprocessed_lines(root: Path, header: str) -> int:
    result = subprocess.run(
        ["g++", "-std=c++20", "-E", "-P", "-x", "c++", "-I", root / "include", "-"],
        input=f"#include <{header}>\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.count("\n")


# --- The map of files -------------------------------------------------------------------------


def check_pairs(tree: Tree):
    exceptions = ratchet(tree, "untested")
    for path in tree.sources:
        match = re.match(r"include/amphi/(\w+)/(\w+)\.hpp$", path)
        if not match or match[2] == "fwd":
            continue
        test = f"tests/{match[1]}/{match[2]}_test.cpp"
        line, _ = exceptions.pop(path, (0, 0))
        if line and test in tree.texts:
            yield Finding(RATCHET, line, f"{path} needs no exception any more")
        elif not line and test not in tree.texts:
            yield Finding(path, 1, f"has no {test}")
    for path, (line, _) in exceptions.items():
        yield Finding(RATCHET, line, f"{path} does not exist")


def check_dead_headers(tree: Tree):
    by_source = {  # A source's own header does not count.
        Path(name).name
        for path in tree.sources
        for _, _, name in tree.includes(path)
        if not path.startswith("tests/") and Path(name).stem != Path(path).stem
    }
    by_any = {Path(name).name for path in tree.sources for _, _, name in tree.includes(path)}
    for path in tree.sources:
        name = Path(path).name
        if not path.endswith(".hpp") or room_of(path) is None:
            continue
        if name not in (by_source if path.startswith("include/") else by_any):
            yield Finding(path, 1, "nobody includes it")


def check_listed(tree: Tree):
    """Each file is built, each example is quoted."""
    quotes = "".join(text for path, text in tree.texts.items() if path.endswith(".md"))
    for path in tree.sources:
        room = room_of(path)
        if path.startswith("examples/"):
            if f"snippet: {path}" not in quotes:
                yield Finding(path, 1, "no page quotes this example")
            continue
        if room in (None, "consumer", "must_not_compile"):  # The last two build by themselves.
            continue
        if path.startswith("include/"):
            folders = [f"src/{room}"]
        elif path.endswith(".cpp"):
            folders = [parent.as_posix() for parent in Path(path).parents]
        else:
            continue
        lists = (tree.texts.get((Path(f) / "CMakeLists.txt").as_posix(), "") for f in folders)
        name = re.compile(rf"(?<![\w.]){re.escape(Path(path).name)}(?!\w)")
        if not any(name.search(text) for text in lists):
            yield Finding(path, 1, "no CMakeLists.txt lists it")


def check_benches(tree: Tree):
    """bench/CASE/LIBRARY.cpp is built, its case is run, and the page says what it measures."""
    lists = tree.texts.get("bench/CMakeLists.txt", "")
    page = tree.texts.get("bench/README.md", "")
    included = {name for path in tree.sources for _, _, name in tree.includes(path)}
    for path in tree.sources:
        match = re.match(r"bench/(\w+)/(\w+)\.([ch]pp)$", path)
        if not match:
            continue
        case, library, kind = match.groups()
        if kind == "hpp":
            if f"{case}/{library}.hpp" not in included and f"{library}.hpp" not in included:
                yield Finding(path, 1, "nobody includes it")
        elif case == "support":
            if f"support/{library}.cpp" not in lists:
                yield Finding(path, 1, "no CMakeLists.txt lists it")
        elif not re.search(rf"amphi_bench\(\s*{case}\b[^)]*\b{library}\b", lists):
            yield Finding(path, 1, "no amphi_bench of bench/CMakeLists.txt lists it")
        elif f"bench/{case}/case.py" not in tree.texts:
            yield Finding(path, 1, f"bench/{case} has no case.py, so nobody runs it")
    for path in tree.texts:
        match = re.match(r"bench/(\w+)/case\.py$", path)
        if match and f"`{match[1]}`" not in page:
            yield Finding(path, 1, f"bench/README.md does not say what `{match[1]}` measures")


# --- Words ------------------------------------------------------------------------------------


class Ban(NamedTuple):
    pattern: str
    instead: str
    where: str = r"(include|src)/"
    but: str = r"$^"  # Nowhere.


EXEC = r"(include/amphi|src)/exec/"
EXECUTION = r"(include/amphi|src)/(exec|async)/"
LOCKS = r"(include/amphi|src)/(base|exec)/"
ATOMICS = r"(include/amphi|src)/base/(atomic|interleave\w*)\.[ch]pp"  # What stands below the rest.
COMMAND = rf"(include/amphi|src)/({'|'.join(COMMAND_ROOMS)})/"

CODE_BANS = [
    Ban(r"\bstd::j?thread\b|\bpthread_create\b", "the threads of exec", but=f"{EXEC}|{ATOMICS}"),
    Ban(
        r"\bstd::(shared_|recursive_|timed_)?mutex\b|\bstd::condition_variable\b",
        "amphi::detail::lock, or the waiter",
        but=LOCKS,
    ),
    Ban(r"\bstd::atomic\w*\b", "amphi::detail::atomic (base/atomic.hpp)", but=ATOMICS),
    Ban(
        r"\batomic_(thread|signal)_fence\b",
        "an ordered access: the thread sanitizer sees no fence",
        where="",
    ),
    Ban(r"\bmemory_order(_|::)consume\b", "acquire", where=""),
    Ban(r"\.load\(\)", "a named memory order", but=ATOMICS),
    Ban(
        r"\bthis_thread::sleep_|\b(u|nano)sleep\(",
        "amphi::sleep_for, or wait for the event",
        where=r"(include|src|tests|examples)/",
        but=r"tests/(support|stress)/",
    ),
    Ban(
        r"\.detach\(\)",
        "a scope, or amphi::spawn",
        where=r"(include|src|examples)/",
        but=EXECUTION,
    ),
    Ban(
        r"\bstd::(cout|cerr|clog)\b|\b(printf|puts)\(",
        "an exception, or the report of base",
        but=COMMAND,
    ),
    Ban(
        r"^using namespace (?!std::[a-z_:]*literals;)",
        "the full name",
        where="(?!tests/.*cpp)",
    ),
]

TEXT_BANS = [
    Ban(r"\bFIXME\b|\bXXX\b|\bTODO\(now\)", "mending it before it lands", where=""),
    Ban(r"\bTODO\b(?!\((now|soon|perf|port)\): )", "TODO(soon|perf|port): reason", where=""),
]

MACHINE_PATH = re.compile(r"(?<![\w.$}])/(home|root|work|Users)/\w")


def check_words(tree: Tree):
    for path in tree.sources:
        for bans, lines in ((CODE_BANS, tree.code_lines(path)), (TEXT_BANS, tree.lines(path))):
            here = [
                ban for ban in bans if re.match(ban.where, path) and not re.match(ban.but, path)
            ]
            for number, line in lines:
                for ban in here:
                    match = re.search(ban.pattern, line)
                    if match:
                        yield Finding(path, number, f"{match[0].strip()}: use {ban.instead}")


def check_text(tree: Tree):
    for path, text in tree.texts.items():
        code = path.endswith((".hpp", ".cpp", ".py", ".cmake", "CMakeLists.txt"))
        code = code or path in ("dev", "bench/run")
        for number, line in tree.lines(path):
            if line != line.rstrip():
                yield Finding(path, number, "trailing blanks")
            if code and len(line) > LINE_LENGTH:
                yield Finding(path, number, f"longer than {LINE_LENGTH} columns")
            if MACHINE_PATH.search(line):
                yield Finding(path, number, "a path of one machine")
        if code and "SPDX-License-Identifier: BSL-1.0" not in "".join(text.split("\n")[:2]):
            yield Finding(path, 1, "the first line is not the SPDX line")
        if text and not text.endswith("\n"):
            yield Finding(path, text.count("\n") + 1, "no newline at the end")


NOLINT = re.compile(r"//\s*NOLINT(?!END)\w*")
NOLINT_WITH_REASON = re.compile(NOLINT.pattern + r"\([a-z][\w.,\- ]*\): \S")


def check_nolint(tree: Tree):
    for path in tree.sources:
        for number, line in tree.lines(path):
            if NOLINT.search(line) and not NOLINT_WITH_REASON.search(line):
                yield Finding(path, number, "NOLINT(check): reason")


# --- Concurrency ------------------------------------------------------------------------------

ORDER = re.compile(r"\bmemory_order(?:_|::)(acquire|release|acq_rel|seq_cst)\b")
LABEL = re.compile(r"// sync: ([a-z_]+\.[a-z_]+(?:, [a-z_]+\.[a-z_]+)*)")


def check_sync_labels(tree: Tree):
    """Each ordered access names the edge that it makes; each edge has both its ends."""
    places: dict = {}
    sides: dict = {}
    for path in tree.sources:
        if not path.startswith(("include/", "src/")) or re.match(ATOMICS, path):
            continue
        carried: set = set()  # Orders whose label stands where clang-format put it: a line below.
        for (number, line), (_, code) in zip(tree.lines(path), tree.code_lines(path)):
            match = LABEL.search(line)
            labels = match[1].split(", ") if match else []
            orders = carried | set(ORDER.findall(code))
            carried = set()
            if orders and not labels and ";" not in code:
                carried = orders
                continue
            if orders and not labels:
                yield Finding(path, number, "an ordered access without its `// sync: room.label`")
            if labels and not orders:
                yield Finding(path, number, "a sync label without an ordered access")
            for label in labels if orders else ():
                places.setdefault(label, (path, number))
                side = sides.setdefault(label, set())
                if orders & {"acquire", "acq_rel", "seq_cst"}:
                    side.add("acquiring")
                if orders & {"release", "acq_rel", "seq_cst"}:
                    side.add("releasing")
    for label, side in sides.items():
        for missing in {"acquiring", "releasing"} - side:
            yield Finding(*places[label], f"{label} has no {missing} side")


def check_coroutines(tree: Tree):
    ours = [path for path in tree.sources if not path.startswith("tests/must_not_compile/")]
    aggregates = frozenset().union(
        *(coroutine_check.aggregates_of(tree.texts[path]) for path in ours)
    )
    for path in ours:
        for line, message in coroutine_check.check(tree.texts[path], aggregates):
            yield Finding(path, line, message)


# --- Pages ------------------------------------------------------------------------------------


def prose(text: str) -> str:
    """A page with its fenced code blank, line for line."""
    fence = re.compile(r"^(`{3,}).*?^\1", re.DOTALL | re.MULTILINE)
    return fence.sub(lambda match: "\n" * match[0].count("\n"), text)


def anchors(text: str) -> set:
    """The anchors of a page's headings, as GitHub makes them."""
    names: dict = {}
    result = set()
    for heading in re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        count = names.get(slug, 0)
        names[slug] = count + 1
        result.add(f"{slug}-{count}" if count else slug)
    return result


def check_links(tree: Tree):
    known = set(tree.texts)
    for path in tree.texts:
        known |= {parent.as_posix() for parent in Path(path).parents}
    for path, text in tree.texts.items():
        if path.endswith(".md"):
            pattern = r"\]\(([^)\s]+)\)"
            lines = enumerate(prose(text).split("\n"), 1)
        elif path in tree.sources:
            pattern = r"//.*?(?<![\w/.-])([\w./-]+\.md(?:#[\w-]+)?)"
            lines = tree.lines(path)
        else:
            continue
        for number, line in lines:
            for target in re.findall(pattern, line):
                problem = broken(tree, known, path, target)
                if problem:
                    yield Finding(path, number, problem)


def broken(tree: Tree, known: set, path: str, target: str) -> str | None:
    if re.match(r"[a-z]+:", target):
        return None
    name, _, anchor = target.partition("#")
    folders = [Path(path).parent.as_posix(), "."]
    if path.startswith("include/"):
        folders.append(f"src/{room_of(path)}")  # Where a protocol is told, beside its source.
    places = [normal(f"{folder}/{name}") for folder in folders] if name else [path]
    place = next((place for place in places if place in known), None)
    if place is None:
        return f"{target} does not exist"
    if anchor and anchor not in anchors(tree.texts.get(place, "")):
        return f"{target}: no such heading"
    return None


def normal(path: str) -> str:
    parts: list = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."


CHANGE_KINDS = ("Added", "Changed", "Deprecated", "Documented", "Fixed", "Internal", "Removed")


def check_changelog(tree: Tree):
    """# Changelog / ## Unreleased | ## 1.2.3 (2026-01-31) / ### Added / - room: what"""
    path = "CHANGELOG.md"
    rooms = {*reachable_rooms(tree), "project"}
    for number, line in tree.lines(path) if path in tree.texts else ():
        if line.startswith("## "):
            good = re.match(r"## (Unreleased|\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\))$", line)
        elif line.startswith("### "):
            good = line[4:] in CHANGE_KINDS
        elif line.startswith("- "):
            good = line[2:].split(":")[0] in rooms
        elif line.startswith("# "):
            good = number == 1 and line == "# Changelog"
        else:
            good = line == "" or line.startswith("  ")
        if not good:
            yield Finding(path, number, "not the shape of a changelog entry")


CHECKS = [check for name, check in sorted(globals().items()) if name.startswith("check_")]


def main(arguments: list) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    tree = Tree.read(root)
    findings = sorted({finding for check in CHECKS for finding in check(tree)})
    for finding in findings:
        print(finding)
    exceptions = sum(len(NOLINT.findall(tree.texts[path])) for path in tree.sources)
    print(f"tidy: {len(tree.texts)} files, {exceptions} NOLINTs, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
