"""Processes of a deployment, on free ports of 127.0.0.1 in a directory of their own: started, waited for, ended."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from django.db import connection

from aether.settings import ROOT

DOCKER = ROOT / "docker"
PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
AS_ROOT = ["--user=root"] if os.getuid() == 0 else []
INSTALL = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def variables(file: Path) -> dict[str, str]:
    """The assignments of an env file, as the containers get them."""
    lines = (line.partition("=") for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


class Processes:
    def __init__(self, directory: Path, user: str | None = None) -> None:
        self.directory = directory
        self.user = user
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.directory / f"{name}.out").open("ab") as output:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env={"PATH": PATH, "LANG": "C.UTF-8", **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=self.user,
            )
        return self.running[name]

    def run(self, *command: str, **environment: str) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={"PATH": PATH, **environment},
            check=False,
            capture_output=True,
            text=True,
            user=self.user,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def output(self, name: str) -> str:
        return (self.directory / f"{name}.out").read_text(errors="replace")

    def end(self, name: str, how: int = signal.SIGTERM) -> None:
        process = self.running.pop(name)
        os.killpg(process.pid, how)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def end_all(self) -> None:
        for name in reversed(list(self.running)):
            self.end(name)
        shutil.rmtree(self.directory, ignore_errors=True)


def sql(socket_file: Path, statement: str) -> str:
    command = ["mariadb", "--no-defaults", f"--socket={socket_file}", "-uroot", "-N", "-B", "-e", statement]
    done = subprocess.run(command, env={"PATH": PATH}, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def load_tables(socket_file: Path, *databases: str) -> None:
    """The tables of this run's own database, where it has one on MariaDB: to make them anew takes ten times as long."""
    services, name = os.environ.get("AETHER_TEST_SERVICES"), connection.settings_dict["NAME"]
    if not services or not name.startswith("test_"):
        return
    dump = ["mariadb-dump", "--no-defaults", f"--socket={services}/my.sock", "-uroot", "--no-autocommit", name]
    tables = subprocess.run(dump, env={"PATH": PATH}, check=True, capture_output=True).stdout
    for database in databases:
        client = ["mariadb", "--no-defaults", f"--socket={socket_file}", "-uroot", database]
        subprocess.run(client, env={"PATH": PATH}, check=True, input=tables)


def answers(socket_file: Path) -> bool:
    command = ["mariadb-admin", "--no-defaults", f"--socket={socket_file}", "-uroot", "ping"]
    return subprocess.run(command, env={"PATH": PATH}, check=False, capture_output=True).returncode == 0


def password() -> str:
    return secrets.token_urlsafe(18)
