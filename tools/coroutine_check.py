#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Finds the shapes of `co_await` that g++ 12 compiles wrongly.

    coroutine_check.py FILE...

Two defects hide behind them (GCC 13 and clang are right):

* In a body without local variables, `if (co_await f() == 1) ...` never runs what follows; a
  co_await in `while`, `switch`, `?:`, `&&` and `||` is related. So: await into a named local.
* A temporary in the same full expression as a co_await or a co_yield is destroyed twice if it is a
  closure that captures by copy, or an aggregate made by braces. So: name it in a statement of its
  own, or pass the values as arguments.

The check reads text, not types: it sees an aggregate only where a designated initialiser shows it,
or where one of the given files defines it. A line that ends in `// coroutine_check: ok, REASON` is
not reported.
"""

import re
import sys
from typing import NamedTuple


class Finding(NamedTuple):
    line: int
    message: str


CONDITION = "co_await in {}: g++ 12 may skip it; await into a named local first"
CLOSURE = (
    "closure that captures by copy beside a co_await or co_yield: g++ 12 destroys the captures "
    "twice; pass them as arguments, or name the closure first"
)
AGGREGATE = (
    "aggregate temporary beside a co_await or co_yield: g++ 12 destroys it twice; name it first"
)

_LEXEME = re.compile(
    r"""
    (?P<comment>   //[^\n]*(?:\\\n[^\n]*)* | /\*.*?\*/ )
  | (?P<raw>       R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)" )
  | (?P<string>    "(?:\\.|[^"\\\n])*" )
  | (?P<character> (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+' )
  | (?P<directive> ^[ \t]*\#(?:\\\n|//.*?$|/\*.*?\*/|[^\n])* )
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def blank(text: str, *, directives: bool = False) -> str:
    """The text with comments and literals (and directives, if asked) as spaces, lines kept."""

    def spaces(match: re.Match) -> str:
        if match["directive"] is not None and not directives:
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return _LEXEME.sub(spaces, text)


class Token(NamedTuple):
    text: str
    line: int


class Group(NamedTuple):
    """A bracketed run of nodes; `text` is the bracket that opens it."""

    text: str
    line: int
    nodes: list


def _parse(text: str) -> list:
    """The tokens of a text, nested by their brackets."""
    root: list = []
    stack = [root]
    line = 1
    end = 0
    for match in re.finditer(r"[A-Za-z_]\w*|\d[\w.']*|&&|\|\||->|::|[=!<>]=|\S", text):
        line += text.count("\n", end, match.start())
        end = match.start()
        token = Token(match[0], line)
        if token.text in "([{":
            group = Group(token.text, token.line, [])
            stack[-1].append(group)
            stack.append(group.nodes)
        elif token.text in ")]}":
            if len(stack) > 1:
                stack.pop()
        else:
            stack[-1].append(token)
    return root


def _texts(nodes: list) -> list:
    return [node.text for node in nodes]


def _split(nodes: list, separator: str) -> list:
    parts: list = [[]]
    for node in nodes:
        if isinstance(node, Token) and node.text == separator:
            parts.append([])
        else:
            parts[-1].append(node)
    return parts


_OPERATOR_WORDS = {"return", "co_return", "co_await", "co_yield", "case", "else", "throw"}


def _ends_operand(node) -> bool:
    if isinstance(node, Group):
        return True
    return (node.text[0].isalnum() or node.text[0] == "_") and node.text not in _OPERATOR_WORDS


def _lambda_body(nodes: list, start: int):
    """The index of the body, if the bracket at `start` opens a lambda."""
    group = nodes[start]
    if group.text != "[" or (start > 0 and _ends_operand(nodes[start - 1])):
        return None
    if _texts(group.nodes) == ["["]:  # An attribute.
        return None
    if start > 1 and nodes[start - 1].text in ("&", "&&") and nodes[start - 2].text == "auto":
        return None  # A structured binding.
    for index in range(start + 1, len(nodes)):
        if nodes[index].text == "{":
            return index
        if nodes[index].text == ";":
            return None
    return None


def _captures_by_copy(captures: Group) -> bool:
    heads = [_texts(part[:2]) for part in _split(captures.nodes, ",")]
    return any(head and head[0] != "&" and head != ["this"] for head in heads)


class _Expression:
    """What one full expression contains, its lambda bodies left out."""

    def __init__(self, nodes: list, aggregates: set):
        self.awaits = False
        self.yields = False  # Suspends too, but around all operators: it skips none.
        self.closures: list = []
        self.aggregates: list = []
        self.branches: list = []  # Operators with a co_await among their operands.
        self.bodies: list = []
        self._known_aggregates = aggregates
        self._read(nodes)

    def _read(self, nodes: list) -> bool:
        """Reads one level; true if it awaits."""
        awaits = False
        operators = []
        index = 0
        while index < len(nodes):
            node = nodes[index]
            if isinstance(node, Group):
                body = _lambda_body(nodes, index)
                if body is not None:
                    if _captures_by_copy(node):
                        self.closures.append(node.line)
                    self.bodies.append(nodes[body].nodes)
                    index = body + 1
                    continue
                if node.text == "{" and self._is_aggregate(nodes, index):
                    self.aggregates.append(node.line)
                awaits |= self._read(node.nodes)
            elif node.text == "co_await":
                awaits = True
            elif node.text == "co_yield":
                self.yields = True
            elif node.text in ("?", "||") or self._is_logical_and(nodes, index):
                operators.append(node)
            index += 1
        if awaits:
            self.branches += operators
        self.awaits |= awaits
        return awaits

    def _is_aggregate(self, nodes: list, index: int) -> bool:
        content = nodes[index].nodes
        if content and content[0].text == ".":
            return True
        return index > 0 and nodes[index - 1].text in self._known_aggregates

    @staticmethod
    def _is_logical_and(nodes: list, index: int) -> bool:
        """Tells `a && b` from the declarator of `T&& x = ...`."""
        if nodes[index].text != "&&" or index + 1 == len(nodes) or index == 0:
            return False
        if not _ends_operand(nodes[index - 1]) or nodes[index - 1].text == "auto":
            return False
        if nodes[index + 1].text in (">", ",", "...", "="):
            return False
        return "=" not in _texts(nodes[index:])


class _Checker:
    def __init__(self, aggregates: set):
        self.findings: list = []
        self._aggregates = aggregates

    def block(self, nodes: list):
        """Reads a run of statements."""
        statement: list = []
        index = 0
        while index < len(nodes):
            node = nodes[index]
            if isinstance(node, Token) and node.text == ";":
                self.expression(statement)
                statement = []
            elif node.text == "(" and self._control(statement):
                self._condition(statement[-1].text, node)
                statement = []
            elif node.text == "{" and not self._is_initialiser(statement):
                self.expression(statement)
                self.block(node.nodes)
                statement = []
            elif isinstance(node, Group):
                body = _lambda_body(nodes, index)
                last = index if body is None else body
                statement += nodes[index : last + 1]
                index = last
            else:
                statement.append(node)
            index += 1
        self.expression(statement)

    @staticmethod
    def _control(statement: list) -> bool:
        return bool(statement) and statement[-1].text in ("if", "while", "switch", "for")

    @staticmethod
    def _is_initialiser(statement: list) -> bool:
        """Tells `type name{...}` and `co_await type{...}` from the body of something."""
        words = _texts(statement)
        if not words or words[-1] in ("else", "do", "try", "const", "noexcept", "(", ")"):
            return False
        if {"namespace", "class", "struct", "union", "enum", "concept"} & set(words):
            return False
        if {"=", "co_await", "co_return", "co_yield", "return", "throw"} & set(words):
            return True
        return "(" not in words

    def _condition(self, keyword: str, group: Group):
        *before, last = _split(group.nodes, ";")
        if keyword == "for" and before:  # init; condition; step
            before, last = [before[0], last], before[-1]
        for part in before:
            self.expression(part)
        expression = self.expression(last)
        # A range is no condition; a declaration is the local that makes the body safe.
        is_range = keyword == "for" and len(before) == 0
        if expression.awaits and not is_range and "=" not in _texts(last):
            self._add(group.line, CONDITION.format(f"the condition of `{keyword}`"))

    def expression(self, nodes: list) -> _Expression:
        expression = _Expression(nodes, self._aggregates)
        if expression.awaits or expression.yields:
            for line in expression.closures:
                self._add(line, CLOSURE)
            for line in expression.aggregates:
                self._add(line, AGGREGATE)
            for operator in expression.branches:
                self._add(operator.line, CONDITION.format(f"an operand of `{operator.text}`"))
        for body in expression.bodies:
            self.block(body)
        return expression

    def _add(self, line: int, message: str):
        self.findings.append(Finding(line, message))


def aggregates_of(text: str) -> set:
    """The names of the structs in a text that have no constructor, base or private part."""
    names = set()

    def read(nodes: list):
        for index, node in enumerate(nodes):
            if isinstance(node, Group):
                read(node.nodes)
            elif node.text == "struct" and _texts(nodes[index + 2 : index + 3]) == ["{"]:
                name, body = nodes[index + 1].text, _texts(nodes[index + 2].nodes)
                pairs = set(zip(body, body[1:]))
                if not {(name, "("), ("private", ":"), ("protected", ":")} & pairs and body:
                    names.add(name)

    read(_parse(blank(text, directives=True)))
    return names


def check(text: str, aggregates: frozenset = frozenset()) -> list:
    """The findings of one file. `aggregates` are names that other files define."""
    if "co_await" not in text and "co_yield" not in text:
        return []
    checker = _Checker(aggregates_of(text) | aggregates)
    checker.block(_parse(blank(text, directives=True)))
    lines = text.split("\n")
    silenced = re.compile(r"//.*\bcoroutine_check: ok, \S")
    return sorted({f for f in checker.findings if not silenced.search(lines[f.line - 1])})


def main(paths: list) -> int:
    texts = {}
    for path in paths:
        if re.search(r"\.(c\+\+|cc|cpp|cxx|h|hh|hpp|hxx|ipp)$", path):
            with open(path, encoding="utf-8", errors="replace") as file:
                texts[path] = file.read()
    aggregates = frozenset().union(*map(aggregates_of, texts.values()))
    count = 0
    for path, text in texts.items():
        for line, message in check(text, aggregates):
            print(f"{path}:{line}: {message}", file=sys.stderr)
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
