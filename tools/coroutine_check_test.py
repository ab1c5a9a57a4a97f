#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Samples for coroutine_check.py, wrong ones and safe forms."""

import unittest

from coroutine_check import AGGREGATE, CLOSURE, check

WRONG_CONDITIONS = [
    "if (co_await f() == 1) co_return 1;",
    "if (x) y(); else if (!co_await f()) y();",
    "while (co_await f()) {}",
    "do { y(); } while (co_await f());",
    "for (int i = 0; co_await f(i); ++i) {}",
    "switch (co_await f()) { default: co_return 2; }",
    "if (bool both = co_await f() && co_await g(); both) y();",
    "const auto r = co_await f() ? 1 : 2;",
    "co_return co_await f() || co_await g();",
    "co_await scope([](auto& s) -> task<> { if (co_await f(s)) co_return; }, all);",
    "const auto body = []() -> task<> { while (co_await f()) {} };",
]

WRONG_CLOSURES = [
    "co_await run([k] { return k; });",
    "co_await run(1, [k = std::move(x)] { return k; });",
    "co_await run([=] { return k; });",
    "co_await run([&, k] { return k; });",
    "co_await run([*this] { return k; });",
    "const auto r = 1 + co_await run(wrap([k]() mutable -> int { return k; }));",
    "co_yield made_by([k] { return k; });",
]

WRONG_AGGREGATES = [
    "co_await connect({.host = h});",
    "co_await connect(options{.host = h});",
    "co_await awaiter{.s = name};",
    "co_await f(known{name, 2});",
    "co_yield known{name, 2};",
]

RIGHT = [
    "const auto r = co_await f();",
    "if (const auto r = co_await f()) y();",
    "if (const auto r = co_await f(); r > 0 && x) y();",
    "if (x && y()) co_await f();",
    "for (const auto& x : co_await all()) y(x);",
    "for (int i = 0; i < n && x; ++i) co_await f(i);",
    "auto&& r = co_await f();",
    "value&& r = co_await f(std::forward<T&&>(x));",
    "co_await f(a && b);",
    "co_await run([&] { return k; });",
    "co_await run([this, &k] { return k; });",
    "co_await run([](int k) { return k; }, k);",
    "co_await run([](int k) { if (k && x) y(); }, k);",
    "auto operation = run([k] { return k; }); co_await f();",
    "const auto late = [k]() -> int { return k; };",
    "const auto [a, b] = co_await f();",
    "auto& [a, b] = co_await f(values[1]);",
    "[[maybe_unused]] const auto r = co_await f();",
    "co_await connect(options{}.timeout(2s));",
    "options o{.host = h}; co_await connect(o);",
    "known k{name, 2}; co_await f(k);",
    "co_await f(constructed{2});",
    "known k{name, 2}; co_yield std::move(k);",
    "co_yield x ? 1 : 2;",
    "co_yield x && y();",
    "// if (co_await f()) y();",
    'log("if (co_await f())");',
    'log(R"(co_await run([k] {}))"); co_await f();',
    "co_await run([k] { return k; });  // coroutine_check: ok, k is an int",
]

AROUND = """
struct known {{ std::string name; int n; }};
struct constructed {{ constructed(int); std::string name; }};
task<int> body() const {{
    {}
    co_return 0;
}}
"""


def messages(statement: str) -> list:
    return [finding.message for finding in check(AROUND.format(statement))]


class CoroutineCheck(unittest.TestCase):
    def test_await_in_a_condition(self):
        for statement in WRONG_CONDITIONS:
            with self.subTest(statement):
                self.assertTrue(any("await into a named local" in m for m in messages(statement)))

    def test_closure_that_captures_by_copy(self):
        for statement in WRONG_CLOSURES:
            with self.subTest(statement):
                self.assertIn(CLOSURE, messages(statement))

    def test_aggregate_temporary(self):
        for statement in WRONG_AGGREGATES:
            with self.subTest(statement):
                self.assertIn(AGGREGATE, messages(statement))

    def test_safe_forms_pass(self):
        for statement in RIGHT:
            with self.subTest(statement):
                self.assertEqual(messages(statement), [])

    def test_names_the_line(self):
        text = "task<> f() {\n  /* two\n lines */ co_await run(\n    [k] {});\n}\n"
        self.assertEqual([finding.line for finding in check(text)], [4])

    def test_unbalanced_text_ends(self):
        check("co_await ) } ] f( [ {")


if __name__ == "__main__":
    unittest.main()
