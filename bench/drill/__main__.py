"""`python -m bench.drill`: how long it takes to save a database of one gigabyte, and to have it back after a loss, on
SQLite and on a MariaDB of its own. Takes about four times that on the disk.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from bench.processes import say
from bench.report import table
from bench.stacks import ROOT, own_installation

LOSS = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM journal_entry WHERE id % 2 = 0")
"""
SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "mariadb": "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()",
}
ASK = """
import sys, django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for statement in sys.argv[1:]:
        cursor.execute(statement)
        print(cursor.fetchone()[0])
"""
COUNT = "SELECT COUNT(*) FROM journal_entry"


@dataclass
class Run:
    seconds: float
    cpu: float
    """Seconds, of the command and the client programs that it runs; not of the server."""
    memory: float
    """MiB of the largest process, at its highest."""
    said: str
    """The first line of the result."""


def run(environment: dict[str, str], *arguments: str) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(time.perf_counter() - started, cpu, usage.ru_maxrss / 1024, said.strip())


def measure(kind: str, gigabytes: float) -> list[str]:
    with own_installation(kind) as environment:
        say(f"{kind}: filling")
        run(environment, "-m", "bench.drill.fill", str(gigabytes))
        size, count = run(environment, "-c", ASK, SIZES[kind], COUNT).said.split()
        saved = run(environment, "manage.py", "backup_db")
        archive = Path(saved.said)
        run(environment | {"AETHER_STATEMENT_TIMEOUT": "0"}, "-c", LOSS)
        restored = run(environment, "manage.py", "restore_db", str(archive), "--yes", "--no-safety-backup")
        found = run(environment, "-c", ASK, COUNT).said
        if found != count:
            raise SystemExit(f"{kind}: {found} entries of {count} came back")
        numbers = [f"{int(size) / 1e9:.2f}", f"{archive.stat().st_size / 1e6:.0f}"]
        numbers += [f"{step.seconds:.0f} ({step.cpu:.0f})" for step in (saved, restored)]
        return [kind, *numbers, f"{max(saved.memory, restored.memory):.0f}"]


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.drill", description=__doc__)
    parser.add_argument("--databases", nargs="*", choices=("sqlite", "mariadb"), default=["sqlite", "mariadb"])
    parser.add_argument("--gigabytes", type=float, default=1, help="of rows; default: %(default)s")
    options = parser.parse_args()
    head = ["database", "GB", "backup, MB", "backup_db, s (CPU)", "restore_db, s (CPU)", "memory, MiB"]
    print(table(head, [measure(kind, options.gigabytes) for kind in options.databases]))


if __name__ == "__main__":
    main()
