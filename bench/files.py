"""`python -m bench.files`: uploads, downloads and clips beside what the same disk and programs do by themselves.

On SQLite, behind gunicorn and nginx. Needs nginx, curl and ffmpeg. Results are markdown on standard output.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.processes import Server, clean_environment, free_port, say
from bench.report import table

ROOT = Path(__file__).resolve().parent.parent
NGINX = """
daemon off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx-error.log; {user}
events {{ }}
http {{
    access_log off; sendfile on; client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    server {{
        listen 127.0.0.1:{port}; client_max_body_size 0;
        location / {{ proxy_pass http://127.0.0.1:{api}; proxy_http_version 1.1; }}
        location /files-inside/ {{ internal; alias {home}/files/; }}
        location /plain/ {{ alias {home}/files/; }}
    }}
}}
"""


class Bench:
    def __init__(self, stack: ExitStack, home: Path) -> None:
        self.home = home
        self.environment = clean_environment(AETHER_HOME=str(home), AETHER_ENV_FILE="/dev/null")
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_demo", "--json", str(home / "demo.json"))
        account = json.loads((home / "demo.json").read_text())["accounts"][0]
        self.headers = [
            "-H",
            f"x-aether-api-key: {account['api_keys']['user']}",
            "-H",
            f"x-account-id: {account['id']}",
        ]
        self.link = f"link_to_type=journal_entry&link_to_id={account['samples']['journal_entry']}"
        self.direct = self.serve(stack, "gunicorn", {})
        self.behind = self.serve(stack, "gunicorn behind nginx", {"AETHER_X_ACCEL_PREFIX": "/files-inside/"})
        self.nginx = self.start_nginx(stack)
        port = free_port()
        command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(home)]
        self.python = self.start(stack, "http.server", command, port, {})

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True)

    def start(self, stack: ExitStack, name: str, command: list[str], port: int, more: dict[str, str]) -> Server:
        server = Server(name, command, port, self.home / "server.log", self.environment | more, ROOT)
        stack.callback(server.stop)
        server.wait_until_open()
        return server

    def serve(self, stack: ExitStack, name: str, more: dict[str, str]) -> Server:
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--threads", "4", "--timeout", "600", "-b", f"127.0.0.1:{port}"]
        return self.start(stack, name, [*command, "aether.wsgi"], port, more)

    def start_nginx(self, stack: ExitStack) -> Server:
        port, config = free_port(), self.home / "nginx.conf"
        user = "user root;" if os.getuid() == 0 else ""
        config.write_text(NGINX.format(home=self.home, port=port, api=self.behind.port, user=user))
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            raise SystemExit("nginx is missing: apt-get install nginx-light")
        return self.start(stack, "nginx", [program, "-p", str(self.home), "-c", str(config)], port, {})

    def curl(self, server: Server, path: str, *options: str) -> bytes:
        command = ["curl", "-sS", "--fail-with-body", *self.headers, *options, f"http://127.0.0.1:{server.port}{path}"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def ask(self, server: Server, path: str) -> None:
        """Without a program that has to be started first."""
        connection = HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", path, headers=dict(line.split(": ") for line in self.headers[1::2]))
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{path}: {body.decode()}")

    def upload(self, server: Server, file: Path) -> dict[str, Any]:
        answer = self.curl(server, "/v3/action/hosted_file/upload", "-F", f"file=@{file}")
        data: dict[str, Any] = json.loads(answer)["data"]
        return data


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleaved(runs: int, works: dict[str, Callable[[], object]]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return {name: median(values) for name, values in taken.items()}


def copied(file: Path, place: Path) -> None:
    """What an upload can't do without: the hash, and a copy that is on the disk."""
    subprocess.run(["sha256sum", file], check=True, capture_output=True)
    shutil.copyfile(file, place)
    with place.open("rb+") as target:
        os.fsync(target.fileno())
    place.unlink()


def growth(server: Server, work: Callable[[], object]) -> float:
    """MiB that a server had more, at its highest, while something was done."""
    before = most = server.memory_mib()
    over = threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.02):
            most = max(most, server.memory_mib())

    thread = threading.Thread(target=watch)
    thread.start()
    work()
    over.set()
    thread.join()
    return most - before


def random_file(path: Path, mib: int) -> Path:
    with path.open("wb") as target:
        for _ in range(mib):
            target.write(os.urandom(2**20))
    return path


def uploads(bench: Bench, small: Path, large: Path, runs: int) -> list[list[str]]:
    memory = {file: growth(bench.direct, lambda file=file: bench.upload(bench.direct, file)) for file in (small, large)}
    taken = interleaved(
        runs,
        {
            "bare": lambda: copied(large, bench.home / "copy"),
            "gunicorn": lambda: bench.upload(bench.direct, large),
            "nginx": lambda: bench.upload(bench.nginx, large),
        },
    )
    rows = [
        [
            f"upload, {name}",
            "sha256sum, copy, fsync",
            speed(large, taken[name]),
            share(taken["bare"], taken[name]),
            "≥ 0.5",
        ]
        for name in ("gunicorn", "nginx")
    ]
    grown = ", ".join(f"{file.stat().st_size >> 20} MiB: {mib:.0f}" for file, mib in memory.items())
    return [*rows, ["memory while uploading", "", f"MiB more; {grown}", "", "flat"]]


def downloads(bench: Bench, large: Path, runs: int) -> list[list[str]]:
    made = bench.upload(bench.direct, large)
    path = f"/v3/action/hosted_file/{made['id']}/download"
    place = f"{made['subdirectory_path']}/{made['hash_sha256']}"
    away = ("-o", "/dev/null")
    taken = interleaved(
        runs,
        {
            "http.server": lambda: bench.curl(bench.python, f"/files/{place}", *away),
            "gunicorn": lambda: bench.curl(bench.direct, path, *away),
            "plain nginx": lambda: bench.curl(bench.nginx, f"/plain/{place}", *away),
            "X-Accel": lambda: bench.curl(bench.nginx, path, *away),
        },
    )
    return [
        [f"download, {name}", peer, speed(large, taken[name]), share(taken[peer], taken[name]), goal]
        for name, peer, goal in (("gunicorn", "http.server", "≥ 0.7"), ("X-Accel", "plain nginx", "≥ 0.95"))
    ]


def clips(bench: Bench, film_seconds: int, runs: int) -> list[list[str]]:
    """Each run cuts another part of equal length, into a new file: the same bytes twice would be work for nothing."""
    runs *= 3
    film, length = bench.home / "film.mp4", film_seconds - runs - 2
    make = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25"]
    make += ["-f", "lavfi", "-i", "sine=440", "-t", str(film_seconds), "-c:v", "libx264", "-preset", "ultrafast"]
    subprocess.run([*make, "-g", "25", "-c:a", "aac", str(film)], check=True)
    source = bench.upload(bench.direct, film)["id"]
    starts = {"bare": iter(range(1, runs + 2)), "ours": iter(range(1, runs + 2))}

    def ours() -> None:
        start = next(starts["ours"])
        times = f"start_time={clock(start)}&end_time={clock(start + length)}"
        bench.ask(bench.direct, f"/v3/action/hosted_file/{source}/clip_video?{bench.link}&{times}")

    def bare() -> None:
        start = next(starts["bare"])
        command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-ss", str(start), "-i", str(film), "-t", str(length)]
        command += ["-c", "copy", "-movflags", "+faststart", str(bench.home / f"clip{start}.mp4")]
        subprocess.run(command, check=True)

    ours()
    bare()
    taken = interleaved(runs, {"bare": bare, "ours": ours})
    times = f"{taken['ours'] * 1000:.0f} ms, {taken['bare'] * 1000:.0f} ms"
    what = f"clip of {(bench.home / 'clip1.mp4').stat().st_size / 2**20:.0f} MiB"
    return [[what, "ffmpeg -c copy", times, f"{taken['ours'] / taken['bare']:.2f}", "≤ 1.3 (time)"]]


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def speed(file: Path, taken: float) -> str:
    return f"{file.stat().st_size / taken / 2**20:,.0f} MiB/s"


def share(peer: float, own: float) -> str:
    return f"{peer / own:.2f}"


def main() -> None:
    parser = ArgumentParser(prog="bench.files", description=__doc__)
    parser.add_argument("--mib", type=int, default=1_024, help="size of the large file; default: %(default)s")
    parser.add_argument("--film", type=int, default=60, help="seconds of the film; default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="medians of so many; default: %(default)s")
    parser.add_argument("--only", choices=("uploads", "downloads", "clips"), help="one part of it")
    options = parser.parse_args()
    with TemporaryDirectory() as directory, ExitStack() as stack:
        home = Path(directory)
        say("Preparing")
        bench = Bench(stack, home)
        small, large = random_file(home / "small.bin", 64), random_file(home / "large.bin", options.mib)
        rows = []
        for name, part in (
            ("uploads", lambda: uploads(bench, small, large, options.runs)),
            ("downloads", lambda: downloads(bench, large, options.runs)),
            ("clips", lambda: clips(bench, options.film, options.runs)),
        ):
            if options.only in (None, name):
                say(f"Measuring {name}")
                rows += part()
    print(table(["what", "beside", "speed", "share of it", "goal"], rows))


if __name__ == "__main__":
    main()
