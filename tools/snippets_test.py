#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import snippets

CODE = """// SPDX-License-Identifier: BSL-1.0
#include <a>

int main() {
    // [inner]
    f();
        g();
    // [inner]
}
"""

PAGE = """Text.

<!-- snippet: examples/a.cpp#inner -->
```cpp
{}```

More.
"""


class Snippets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "examples").mkdir()
        (self.root / "examples/a.cpp").write_text(CODE)

    def run_on(self, page: str, mode: str) -> int:
        (self.root / "README.md").write_text(page)
        with contextlib.redirect_stderr(io.StringIO()):
            return snippets.main([mode, str(self.root)])

    def test_equal_code_passes(self):
        self.assertEqual(self.run_on(PAGE.format("f();\n    g();\n"), "--check"), 0)

    def test_different_code_fails(self):
        self.assertEqual(self.run_on(PAGE.format("f();\n"), "--check"), 1)

    def test_write_mends_it(self):
        self.assertEqual(self.run_on(PAGE.format("old\n"), "--write"), 0)
        self.assertEqual((self.root / "README.md").read_text(), PAGE.format("f();\n    g();\n"))

    def test_missing_region_fails(self):
        self.assertEqual(self.run_on(PAGE.format("").replace("inner", "outer"), "--check"), 1)

    def test_missing_file_fails(self):
        self.assertEqual(self.run_on(PAGE.format("").replace("a.cpp", "b.cpp"), "--check"), 1)

    def test_comment_without_fence_fails(self):
        self.assertEqual(self.run_on("<!-- snippet: examples/a.cpp -->\ntext\n", "--check"), 1)

    def test_whole_file_leaves_the_licence_out(self):
        self.assertTrue(snippets.region(CODE, None).startswith("#include <a>"))


if __name__ == "__main__":
    unittest.main()
