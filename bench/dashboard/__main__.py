"""`python -m bench.dashboard`: the panels of the dashboard over 200,000 rows, on SQLite and on a MariaDB of its own."""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.database import MariaDb
from bench.processes import clean_environment, say
from bench.stacks import ROOT, service_environment


def measure(kind: str) -> None:
    with ExitStack() as doors:
        directory = Path(doors.enter_context(TemporaryDirectory(prefix="aether-bench.")))
        if kind == "mariadb":
            database = MariaDb(directory)
            doors.callback(database.stop)
            database.create()
            environment = service_environment(database, directory)
        else:
            home = {"AETHER_HOME": str(directory / "home"), "AETHER_ENV_FILE": "/dev/null"}
            environment = clean_environment(DJANGO_SETTINGS_MODULE="aether.settings", **home)
        for command in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "bench.dashboard.fill"]):
            subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, check=True)
        say(f"{kind} is filled")
        subprocess.run([sys.executable, "-m", "bench.dashboard.ask"], env=environment, cwd=ROOT, check=True)


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.dashboard", description=__doc__)
    parser.add_argument("--databases", nargs="*", choices=("sqlite", "mariadb"), default=["sqlite", "mariadb"])
    for kind in parser.parse_args().databases:
        measure(kind)


if __name__ == "__main__":
    main()
