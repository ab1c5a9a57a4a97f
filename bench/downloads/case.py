# SPDX-License-Identifier: BSL-1.0
"""`amphi get` beside Debian's curl --parallel, wget2 and aria2c: lists of files from Debian's nginx
on 127.0.0.1, each round into a fresh folder. All of them keep their connections."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import CannotRun, Limit, Row

ABOUT = "amphi get, curl --parallel, wget2 and aria2c download the same list from nginx"

KB, MB = 1024, 1024 * 1024
START_TIME_MAX_S = 10
# What is served and what comes of it in one round.
ROOM_BYTES = 4 << 30
TOUCHED_BYTES_MIN = 1 << 30

# nginx at its fastest, so that it is not what is measured.
NGINX_CONF = """
daemon off;
master_process on;
worker_processes 2;
pid nginx.pid;
error_log stderr crit;
events {{ worker_connections 16384; multi_accept on; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    open_file_cache max=20000 inactive=1h;
    open_file_cache_valid 1h;
    client_body_temp_path temp;
    proxy_temp_path temp;
    fastcgi_temp_path temp;
    uwsgi_temp_path temp;
    scgi_temp_path temp;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {root};
    }}
}}
"""


class Files:
    """Files that are served: `count` of `size` bytes in a folder of their own."""

    def __init__(self, root: Path, count: int, size: int):
        self.count, self.size = count, size
        self.folder = f"{count}x{size}"
        (root / self.folder).mkdir()
        first = root / self.folder / self._name(0)
        with first.open("wb") as out:
            block = os.urandom(min(size, MB))
            for _ in range(size // len(block)):
                out.write(block)
        for number in range(1, count):
            # The servers and the clients cannot tell; it saves gigabytes.
            os.link(first, root / self.folder / self._name(number))

    def bytes(self) -> int:
        return self.count * self.size

    def list(self, base: str) -> list:
        return [f"{base}/{self.folder}/{self._name(n)}" for n in range(self.count)]

    def check(self, folder: Path) -> None:
        """Every file is there, complete, and nothing else."""
        found = {entry.name: entry.stat().st_size for entry in os.scandir(folder)}
        if found != {self._name(n): self.size for n in range(self.count)}:
            complete = sum(size == self.size for size in found.values())
            raise CannotRun(f"{complete} of {self.count} files are complete, of {len(found)}")

    @staticmethod
    def _name(number: int) -> str:
        return f"{number:05}.bin"


def touch_memory(path: Path, size: int) -> None:
    """Makes the machine use as much memory once and free it. A virtual machine gets its memory from
    its host at the first touch, which takes longer than a download; so everybody finds it there."""
    with path.open("wb") as out:
        for _ in range(size // MB):
            out.write(bytes(MB))
    path.unlink()


class Download:
    """A row's work: how each tool is told to do it."""

    def __init__(self, bench, work: Path, files: Files, base: str, jobs: int):
        self._bench, self._files, self._jobs = bench, files, jobs
        urls = files.list(base)
        self._into = work / "into"
        self._list = work / "list.txt"
        self._list.write_text("".join(f"{url}\n" for url in urls))
        self._config = work / "curl.conf"
        self._config.write_text("".join(f'url = "{url}"\n' for url in urls))

    def amphi(self, life: str) -> list:
        command = [self._bench.amphi(), "get", "--quiet", "--on", life, "-j", str(self._jobs)]
        return command + ["--per-host", "0", "-i", str(self._list), "-o", str(self._into)]

    def curl(self) -> list:
        command = [self._bench.tool("curl"), "--disable", "--no-progress-meter", "--fail"]
        command += ["--parallel", "--parallel-max", str(self._jobs), "--remote-name-all"]
        return command + ["--output-dir", str(self._into), "--config", str(self._config)]

    def wget2(self) -> list:
        command = [self._bench.tool("wget2"), "--no-config", "--quiet", "--no-hsts"]
        command += [f"--max-threads={self._jobs}", "--input-file", str(self._list)]
        return command + ["--directory-prefix", str(self._into)]

    def aria2c(self) -> list:
        command = [self._bench.tool("aria2c"), "--no-conf", "--quiet", "--file-allocation=none"]
        command += [f"--max-concurrent-downloads={self._jobs}", f"--input-file={self._list}"]
        return command + [f"--dir={self._into}"]

    def contender(self, command: list, figures):
        def run_once():
            self._into.mkdir()
            if self._files.bytes() >= TOUCHED_BYTES_MIN:
                touch_memory(self._into / "touched", self._files.bytes())
            try:
                usage = self._bench.run(*command)
                self._files.check(self._into)
            finally:
                shutil.rmtree(self._into)
            return figures(usage)

        return run_once

    def contenders(self, figures) -> dict:
        commands = {
            "amphi, async": self.amphi("async"),
            "amphi, threads": self.amphi("threads"),
            "curl": self.curl(),
            "wget2": self.wget2(),
            "aria2c": self.aria2c(),
        }
        return {name: self.contender(command, figures) for name, command in commands.items()}


def wait_for_port(server: subprocess.Popen, port: int) -> None:
    """Returns when something listens there."""
    until = time.monotonic() + START_TIME_MAX_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise CannotRun("nginx does not start") from None
            time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def ended(server: subprocess.Popen):
    """Ends a server, also when this script is told to end."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        yield
    finally:
        server.terminate()
        server.wait(START_TIME_MAX_S)
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def nginx(bench, work: Path, root: Path):
    """The address of an nginx that serves `root`."""
    home = work / "nginx"
    home.mkdir()
    port = free_port()
    (home / "nginx.conf").write_text(NGINX_CONF.format(port=port, root=root))
    command = [bench.tool("nginx"), "-p", str(home), "-c", "nginx.conf", "-e", "stderr"]
    server = subprocess.Popen(command)
    with ended(server):
        wait_for_port(server, port)
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def distant(bench, root: Path, delay_ms: int):
    """The address of a server that holds each answer back. nginx cannot."""
    command = [bench.amphi(), "serve", str(root), "--port", "0", "--delay", f"{delay_ms}ms"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with ended(server):
        said = server.stdout.readline()
        if " on http://" not in said:
            raise CannotRun(f"amphi serve said: {said}")
        yield said.split(" on ")[1].strip().rstrip("/")


def work_folder() -> tempfile.TemporaryDirectory:
    """In memory where there is room: a disk would be what is measured."""
    memory = "/dev/shm"
    roomy = os.path.isdir(memory) and shutil.disk_usage(memory).free >= ROOM_BYTES
    return tempfile.TemporaryDirectory(prefix="amphi-bench-", dir=memory if roomy else None)


def small_files(bench, work, root, base):
    files = Files(root, 10_000, 4 * KB)

    def figures(usage):
        return {"CPU us a file": usage.cpu_s * 1e6 / files.count, "wall ms": usage.wall_s * 1e3}

    ours = "amphi, async"
    yield Row(
        "10,000 x 4 KB, 64 at once",
        Download(bench, work, files, base, 64).contenders(figures),
        [
            Limit(ours, "CPU us a file", 0.8, than=["curl"]),
            Limit(ours, "CPU us a file", 0.45, than=["wget2"]),
            Limit(ours, "CPU us a file", 0.22, than=["aria2c"]),
            Limit(ours, "wall ms", 0.6, than=["curl"]),
        ],
    )

    def memory(usage):
        return {"peak MB": usage.peak_bytes / MB}

    yield Row(
        "10,000 x 4 KB, 256 at once",
        Download(bench, work, files, base, 256).contenders(memory),
        [Limit(ours, "peak MB", 20)],
    )
    yield Row(
        "500 x 2 MB, 256 at once",
        Download(bench, work, Files(root, 500, 2 * MB), base, 256).contenders(memory),
        [Limit(ours, "peak MB", 20)],
    )


def large_files(bench, work, root, base):
    files = Files(root, 4, 512 * MB)

    def figures(usage):
        return {"CPU s": usage.cpu_s, "wall s": usage.wall_s}

    ours = "amphi, async"
    yield Row(
        "4 x 512 MB",
        Download(bench, work, files, base, 4).contenders(figures),
        [
            Limit(ours, "CPU s", 0.65, than=["curl"]),
            Limit(ours, "wall s", 0.65, than=["curl"]),
            Limit(ours, "CPU s", 1.0, than=["wget2"]),
            Limit(ours, "wall s", 1.0, than=["wget2"]),
        ],
    )


def far_files(bench, work, root):
    delay_ms, jobs = 50, 256
    files = Files(root, 5_000, 4 * KB)
    ideal_s = files.count * delay_ms / 1000 / jobs

    def figures(usage):
        return {"wall / ideal": usage.wall_s / ideal_s}

    with distant(bench, root, delay_ms) as base:
        yield Row(
            "5,000 x 4 KB from 50 ms away, 256 at once",
            Download(bench, work, files, base, jobs).contenders(figures),
            [Limit("amphi, async", "wall / ideal", 1.15)],
        )


def rows(bench):
    with work_folder() as folder:
        work = Path(folder)
        root = work / "root"
        root.mkdir()
        # nginx's workers have a user of their own when root starts them.
        work.chmod(0o755)
        with nginx(bench, work, root) as base:
            yield from small_files(bench, work, root, base)
            yield from large_files(bench, work, root, base)
        yield from far_files(bench, work, root)
