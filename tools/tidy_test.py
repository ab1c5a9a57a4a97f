#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Feeds each check of tidy.py small made-up trees: one that passes, and what it must find."""

import unittest

import tidy

LAYERS = "base:\ntask: base\nexec: task\nsync: exec\nasync: exec\nfetch: sync\ncli: fetch\n"


class TidyTest(unittest.TestCase):
    def finds(self, count: int, check, files: dict, pattern: str = "."):
        tree = {tidy.LAYERS: LAYERS, **files}
        found = [str(finding) for finding in check(tidy.Tree(tree))]
        self.assertEqual(len(found), count, found)
        for finding in found:
            self.assertRegex(finding, pattern)

    def test_layers(self):
        up = {"include/amphi/task/a.hpp": "#include <amphi/exec/b.hpp>\n"}
        self.finds(1, tidy.check_layers, up, r"^include/amphi/task/a.hpp:1: task may not.* exec")
        down = {"src/sync/a.cpp": "#include <amphi/sync/a.hpp>\n#include <amphi/base/b.hpp>\n"}
        self.finds(0, tidy.check_layers, down)
        sibling = {"src/sync/a.cpp": "#include <amphi/async/b.hpp>\n"}
        self.finds(1, tidy.check_layers, sibling)
        self.finds(1, tidy.check_layers, {"src/sync/a.cpp": "#include <amphi/amphi.hpp>\n"})
        self.finds(0, tidy.check_layers, {"src/fetch/a.cpp": "#include <amphi/amphi.hpp>\n"})
        self.finds(1, tidy.check_layers, {"src/attic/a.cpp": "\n"}, "not in tools/layers.txt")

    def test_private_headers(self):
        files = {"src/sync/list.hpp": "", "src/sync/a.cpp": '#include "list.hpp"\n'}
        self.finds(0, tidy.check_private_headers, files)
        files["src/exec/a.cpp"] = '#include "../sync/list.hpp"\n'
        self.finds(1, tidy.check_private_headers, files, "^src/exec/a.cpp:1")
        own = {"src/sync/list.hpp": "", "tests/sync/list_test.cpp": '#include "sync/list.hpp"\n'}
        self.finds(0, tidy.check_private_headers, own)
        own["tests/exec/a_test.cpp"] = '#include "sync/list.hpp"\n'
        self.finds(1, tidy.check_private_headers, own, "^tests/exec/a_test.cpp:1")
        command = {"src/fetch/list.hpp": "", "src/cli/a.cpp": '#include "fetch/list.hpp"\n'}
        self.finds(0, tidy.check_private_headers, command)
        command["src/sync/a.cpp"] = '#include "fetch/list.hpp"\n'
        self.finds(1, tidy.check_private_headers, command, "^src/sync/a.cpp:1: sync may not")
        public = {"include/amphi/task/a.hpp": '#include "b.hpp"\n'}
        self.finds(1, tidy.check_private_headers, public)

    def test_system_headers(self):
        public = {"include/amphi/task/a.hpp": "#include <iostream>\n#include <sys/socket.h>\n"}
        self.finds(2, tidy.check_system_headers, public)
        self.finds(1, tidy.check_system_headers, {"src/sync/a.cpp": "#include <liburing.h>\n"})
        self.finds(0, tidy.check_system_headers, {"src/async/a.cpp": "#include <liburing.h>\n"})

    def test_header_guard(self):
        self.finds(1, tidy.check_header_guard, {"src/sync/a.hpp": "int x;\n"})
        self.finds(0, tidy.check_header_guard, {"src/sync/a.hpp": "#pragma once\n"})

    def test_sizes(self):
        long = {"src/sync/a.hpp": "\n" * 401}
        self.finds(1, tidy.check_sizes, long, "401 lines, 400 are allowed")
        self.finds(0, tidy.check_sizes, {"src/sync/a.cpp": "\n" * 600})
        self.finds(1, tidy.check_sizes, {"tests/sync/a_test.cpp": "\n" * 501})
        self.finds(1, tidy.check_sizes, {"docs/a.md": "x" * (tidy.FILE_SIZE + 1)})

    def test_ratchet_only_shrinks(self):
        def with_entry(lines, entry):
            return {"src/sync/a.hpp": "\n" * lines, tidy.RATCHET: f"lines src/sync/a.hpp {entry}\n"}

        self.finds(0, tidy.check_sizes, with_entry(450, 450))
        self.finds(1, tidy.check_sizes, with_entry(451, 450), "split it")
        self.finds(1, tidy.check_sizes, with_entry(440, 450), "write 440")
        self.finds(1, tidy.check_sizes, with_entry(400, 450), "no exception any more")
        self.finds(1, tidy.check_sizes, {tidy.RATCHET: "lines src/sync/b.hpp 450\n"}, "not exist")

    def test_pairs(self):
        header = {"include/amphi/sync/a.hpp": ""}
        self.finds(1, tidy.check_pairs, header, "has no tests/sync/a_test.cpp")
        excused = {**header, tidy.RATCHET: "untested include/amphi/sync/a.hpp  # a macro\n"}
        self.finds(0, tidy.check_pairs, excused)
        tested = {**header, "tests/sync/a_test.cpp": ""}
        self.finds(0, tidy.check_pairs, tested)
        self.finds(1, tidy.check_pairs, {**excused, **tested}, "no exception any more")
        self.finds(0, tidy.check_pairs, {"include/amphi/sync/fwd.hpp": ""})

    def test_dead_headers(self):
        files = {
            "include/amphi/sync/a.hpp": "",
            "src/sync/a.cpp": "#include <amphi/sync/a.hpp>\n",
            "tests/sync/a_test.cpp": "#include <amphi/sync/a.hpp>\n",
        }
        self.finds(1, tidy.check_dead_headers, files, "^include/amphi/sync/a.hpp:1")
        files["include/amphi/amphi.hpp"] = "#include <amphi/sync/a.hpp>\n"
        self.finds(0, tidy.check_dead_headers, files)
        helper = {"tests/sync/helper.hpp": "", "tests/sync/a_test.cpp": ""}
        self.finds(1, tidy.check_dead_headers, helper)
        helper["tests/sync/a_test.cpp"] = '#include "helper.hpp"\n'
        self.finds(0, tidy.check_dead_headers, helper)

    def test_listed(self):
        files = {
            "include/amphi/sync/a.hpp": "",
            "src/sync/CMakeLists.txt": "amphi_room(NAME sync HEADERS a.hpp SOURCES ba.cpp)\n",
            "src/sync/a.cpp": "",
        }
        self.finds(1, tidy.check_listed, files, "^src/sync/a.cpp:1")
        self.finds(1, tidy.check_listed, {"tests/sync/a_test.cpp": ""})
        example = {"examples/echo.cpp": ""}
        self.finds(1, tidy.check_listed, example, "no page quotes")
        example["docs/guide.md"] = "<!-- snippet: examples/echo.cpp#server -->\n"
        self.finds(0, tidy.check_listed, example)

    def test_benches(self):
        files = {
            "bench/CMakeLists.txt": "amphi_bench(echo LIBRARIES amphi)\nsupport/a.cpp\n",
            "bench/README.md": "`echo`: ...\n",
            "bench/echo/case.py": "",
            "bench/echo/amphi.cpp": '#include "support/a.hpp"\n',
            "bench/support/a.hpp": "",
            "bench/support/a.cpp": "",
        }
        self.finds(0, tidy.check_benches, files)
        self.finds(1, tidy.check_benches, {**files, "bench/echo/epoll.cpp": ""}, "amphi_bench")
        self.finds(1, tidy.check_benches, {**files, "bench/support/b.cpp": ""}, "lists it")
        self.finds(1, tidy.check_benches, {**files, "bench/support/b.hpp": ""}, "includes")
        self.finds(1, tidy.check_benches, {**files, "bench/README.md": ""}, "does not say")
        del files["bench/echo/case.py"]
        self.finds(1, tidy.check_benches, files, "nobody runs it")

    def test_banned_words(self):
        def banned(path, line, count=1):
            self.finds(count, tidy.check_words, {path: line + "\n"})

        banned("src/sync/a.cpp", "std::thread t;")
        banned("src/exec/a.cpp", "std::thread t;", 0)
        banned("tests/sync/a_test.cpp", "std::thread t;", 0)
        banned("src/sync/a.cpp", "std::mutex m;")
        banned("src/sync/a.cpp", "std::atomic<int> a;")
        banned("include/amphi/base/atomic.hpp", "using atomic = std::atomic<T>;", 0)
        banned("src/sync/a.cpp", "std::atomic_thread_fence(order);", 2)
        banned("tests/sync/a_test.cpp", "a.load(std::memory_order_consume);")
        banned("src/sync/a.cpp", "a.load();")
        banned("tests/sync/a_test.cpp", "std::this_thread::sleep_for(1s);")
        banned("tests/support/a.cpp", "std::this_thread::sleep_for(1s);", 0)
        banned("src/sync/a.cpp", "thread.detach();")
        banned("src/sync/a.cpp", "std::cout << 1;")
        banned("src/fetch/a.cpp", "std::cout << 1;", 0)
        banned("src/sync/a.cpp", "using namespace std;")
        banned("tests/sync/a_test.hpp", "using namespace amphi;")
        banned("tests/sync/a_test.cpp", "using namespace amphi;", 0)
        banned("tests/sync/a_test.cpp", "using namespace std::chrono_literals;", 0)
        banned("src/sync/a.cpp", "// std::mutex would be too large", 0)
        banned("src/sync/a.cpp", 'log("std::mutex");', 0)
        banned("src/sync/a.cpp", "// TODO(" + "now): mend")
        banned("src/sync/a.cpp", "// TODO: mend")
        banned("src/sync/a.cpp", "// TODO(perf): a faster table", 0)
        banned("src/sync/a.cpp", "// FIX" + "ME")

    def test_text(self):
        good = "// SPDX-License-Identifier: BSL-1.0\nint x;\n"
        self.finds(0, tidy.check_text, {"src/sync/a.cpp": good})
        self.finds(1, tidy.check_text, {"src/sync/a.cpp": "int x;\n"}, "SPDX")
        self.finds(1, tidy.check_text, {"src/sync/a.cpp": good + "int y; \n"}, ":3: trailing")
        self.finds(1, tidy.check_text, {"src/sync/a.cpp": good + "x" * 101 + "\n"}, "longer")
        self.finds(1, tidy.check_text, {"README.md": "see /ho" + "me/me/x\n"}, "one machine")
        self.finds(1, tidy.check_text, {"README.md": "text"}, "no newline")
        self.finds(0, tidy.check_text, {"README.md": "x" * 101 + "\n"})

    def test_nolint_needs_a_reason(self):
        nolint = "int x;  // NO" + "LINT"
        self.finds(1, tidy.check_nolint, {"src/sync/a.cpp": nolint + "\n"})
        self.finds(1, tidy.check_nolint, {"src/sync/a.cpp": nolint + "(bugprone-x)\n"})
        self.finds(0, tidy.check_nolint, {"src/sync/a.cpp": nolint + "(bugprone-x): why\n"})

    def test_sync_labels(self):
        acquire = "a.load(std::memory_order_acquire);"
        release = "a.store(1, std::memory_order_release);"
        labelled = "{}  // sync: event.publish\n"
        good = {"src/sync/a.cpp": labelled.format(acquire) + labelled.format(release)}
        self.finds(0, tidy.check_sync_labels, good)
        self.finds(1, tidy.check_sync_labels, {"src/sync/a.cpp": acquire + "\n"}, "without its")
        one = {"src/sync/a.cpp": labelled.format(acquire)}
        self.finds(1, tidy.check_sync_labels, one, "event.publish has no releasing side")
        both = {"src/sync/a.cpp": labelled.format("a.exchange(1, std::memory_order_acq_rel);")}
        self.finds(0, tidy.check_sync_labels, both)
        below = "call(\n    " + acquire[:-1] + "\n);  // sync: event.publish\n"
        self.finds(0, tidy.check_sync_labels, {"src/sync/a.cpp": below + labelled.format(release)})
        two = good["src/sync/a.cpp"] + acquire + "  // sync: event.publish, x.y\n"
        self.finds(1, tidy.check_sync_labels, {"src/sync/a.cpp": two}, "x.y has no releasing side")
        self.finds(1, tidy.check_sync_labels, {"src/sync/a.cpp": labelled.format("f();")})

    def test_coroutines_see_aggregates_of_other_files(self):
        files = {
            "include/amphi/sync/a.hpp": "struct limits { int n; };\n",
            "tests/sync/a_test.cpp": "task<> f() { co_await g(limits{2}); }\n",
        }
        self.finds(1, tidy.check_coroutines, files, "aggregate")

    def test_links(self):
        page = {"docs/a.md": "# One `two` (three)\n", "README.md": "[x](docs/a.md#one-two-three)\n"}
        self.finds(0, tidy.check_links, page)
        drifted = {**page, "b.md": "[x](docs/a.md#four)\n"}
        self.finds(1, tidy.check_links, drifted, "no such heading")
        self.finds(1, tidy.check_links, {"b.md": "[x](c.md)\n"}, "does not exist")
        self.finds(0, tidy.check_links, {"b.md": "[x](https://example.org)\n```\n[x](c.md)\n```\n"})
        source = {"src/exec/sleep.md": "# The race\n"}
        ok = {**source, "include/amphi/exec/a.hpp": "// See sleep.md#the-race.\n"}
        self.finds(0, tidy.check_links, ok)
        stale = {**source, "src/exec/a.cpp": "// See sleep.md#tickle\n"}
        self.finds(1, tidy.check_links, stale, "no such heading")

    def test_changelog(self):
        good = "# Changelog\n\n## Unreleased\n\n### Added\n\n- task: the type\n  in two lines\n"
        self.finds(0, tidy.check_changelog, {"CHANGELOG.md": good})
        self.finds(1, tidy.check_changelog, {"CHANGELOG.md": good + "- attic: gone\n"})
        self.finds(1, tidy.check_changelog, {"CHANGELOG.md": good + "### New\n"})
        self.finds(1, tidy.check_changelog, {"CHANGELOG.md": good + "## 1.0\n"})


if __name__ == "__main__":
    unittest.main()
