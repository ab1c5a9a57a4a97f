#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
import unittest

import run


class Parse(unittest.TestCase):
    def test_reads_phrases_and_holes(self):
        text = "#if CASE == 1  // expect: not sendable\n#elif CASE == 2  // hole: globals\n#endif\n"
        self.assertEqual(run.parse(text, "g++"), {0: None, 1: "not sendable", 2: None})

    def test_reads_the_phrase_of_the_compiler(self):
        text = "#if CASE == 1  // expect-g++: deleted // expect-clang++: unavailable\n#endif\n"
        self.assertEqual(run.parse(text, "g++")[1], "deleted")
        self.assertEqual(run.parse(text, "clang++")[1], "unavailable")

    def test_refuses_a_case_that_promises_nothing(self):
        for text in ("#if CASE == 1\n#endif\n", "int x;\n"):
            with self.assertRaises(ValueError):
                run.parse(text, "g++")


class Judge(unittest.TestCase):
    """The compiler is played by a shell, which sees the -DCASE flag as $0."""

    def judge(self, script: str, phrase):
        return run.judge(["sh", "-c", script], 1, phrase)

    def test_right_refusal(self):
        self.assertIsNone(self.judge("echo not sendable >&2; exit 1", "not sendable"))

    def test_wrong_refusal(self):
        self.assertIn("without saying", self.judge("echo typo >&2; exit 1", "not sendable"))

    def test_no_refusal(self):
        self.assertIn("compiles", self.judge("exit 0", "not sendable"))

    def test_a_control_that_fails(self):
        self.assertIn("must compile", self.judge("exit 1", None))


if __name__ == "__main__":
    unittest.main()
