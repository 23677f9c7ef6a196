"""`python -m bench.cluster`: what a second api process brings, and what the kill of one costs.

nginx before one or two gunicorn processes, one MariaDB, one Redis. Nothing is pinned to a core, and the load comes
from the same machine: with two cores the second process finds none of its own, and the figure is a lower bound. With a
Galera cluster behind them: `bench.galera`.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from pathlib import Path

from bench.client import Client
from bench.load import UNIQUE, Load, run_load, write_requests
from bench.processes import Server, free_port
from bench.realtime.service import Installation, install
from bench.report import table
from bench.stacks import ROOT, THREADS, shipped
from bench.workloads import Request

NGINX = """
daemon off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx-error.log; {user}
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    upstream api {{ {members} keepalive 32; }}
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_next_upstream error timeout; proxy_next_upstream_tries 2;
    server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://api; }} }}
}}
"""


class Cluster:
    def __init__(self, doors: ExitStack, made: Installation) -> None:
        self.doors = doors
        self.made = made

    def api(self, name: str, **own: str) -> Server:
        port = free_port()
        few = {"AETHER_API_WORKERS": "1", "AETHER_WEB_THREADS": str(THREADS), "AETHER_WORKER_THREADS": "0"}
        environment = self.made.environment | few | {"AETHER_HOME": str(self.made.directory / name)} | own
        server = Server(name, shipped("gunicorn", port), port, self.made.directory / f"{name}.log", environment, ROOT)
        self.doors.callback(server.stop)
        server.wait_until_open()
        client = Client(port, self.made.key)
        # The port is open before the process is ready.
        client.get(Request("GET", f"journal/{self.made.rows[0][1]}", self.made.account))
        client.close()
        return server

    def front(self, apis: list[Server]) -> Server:
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            raise SystemExit("nginx is missing: apt-get install nginx-light")
        port = free_port()
        home = self.made.directory / f"nginx-{port}"
        home.mkdir()
        members = " ".join(f"server 127.0.0.1:{api.port};" for api in apis)
        user = "user root;" if os.getuid() == 0 else ""
        (home / "nginx.conf").write_text(NGINX.format(home=home, port=port, members=members, user=user))
        command = [program, "-p", str(home), "-c", str(home / "nginx.conf")]
        server = Server("nginx", command, port, home / "nginx.log", {}, home)
        self.doors.callback(server.stop)
        server.wait_until_open()
        return server

    def requests(self, method: str, most: int | None = None) -> Path:
        """For each row once, or for the first `most` of them."""
        body = {"name": f"Patched {UNIQUE.decode()}"} if method == "PATCH" else None
        rows = [Request(method, f"journal/{row}", self.made.account, body) for _, row in self.made.rows[:most]]
        file = self.made.directory / f"{method}-{len(rows)}.requests"
        write_requests(file, [row.encode(self.made.key) for row in rows])
        return file

    def logged(self) -> int:
        ((count,),) = self.made.database.query("SELECT COUNT(*) FROM change_log")
        return int(count)


def kill(server: Server) -> None:
    for pid in server.pids():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def cells(title: str, load: Load, more: str = "") -> list[str]:
    rate = f"{load.requests / load.seconds:,.0f}"
    return [title, rate, f"{load.p50:.1f}", f"{load.p99:.1f}", str(load.errors), more]


def measured(cluster: Cluster, seconds: float) -> list[list[str]]:
    first, second = cluster.api("first"), cluster.api("second")
    fronts = {"one api process": cluster.front([first]), "two": cluster.front([first, second])}
    rows = []
    for method in ("GET", "PATCH"):
        requests = cluster.requests(method)
        for title, front in fronts.items():
            run_load(front.port, requests, 1)  # until all are warm
            rows.append(cells(f"{method}, {title}", run_load(front.port, requests, seconds)))
    before = cluster.logged()
    deadly = threading.Thread(target=lambda: (time.sleep(seconds / 3), kill(second)))
    deadly.start()
    load = run_load(fronts["two"].port, cluster.requests("PATCH"), seconds)
    deadly.join()
    time.sleep(1)  # the last ones are worked on, and uncounted
    said, done = load.requests - load.errors, cluster.logged() - before
    verdict = f"{said:,} acknowledged, {done:,} in the change log" + (": LOST" if done < said else "")
    rows.append(cells("PATCH, two, one of them killed at a third of the time", load, verdict))
    return rows


def main() -> int:
    parser = ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="of each measurement; default: %(default)s")
    options = parser.parse_args()
    with ExitStack() as doors:
        rows = measured(Cluster(doors, install(doors)), options.seconds)
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}\n")
    print(table(["requests", "a second", "p50 ms", "p99 ms", "errors", ""], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
