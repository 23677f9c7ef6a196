"""`python -m bench.dashboard`: the panels of the dashboard over 200,000 rows, on SQLite and on a MariaDB of its own."""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser

from bench.processes import say
from bench.stacks import ROOT, own_installation


def measure(kind: str) -> None:
    with own_installation(kind) as environment:
        subprocess.run([sys.executable, "-m", "bench.dashboard.fill"], env=environment, cwd=ROOT, check=True)
        say(f"{kind} is filled")
        subprocess.run([sys.executable, "-m", "bench.dashboard.ask"], env=environment, cwd=ROOT, check=True)


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.dashboard", description=__doc__)
    parser.add_argument("--databases", nargs="*", choices=("sqlite", "mariadb"), default=["sqlite", "mariadb"])
    for kind in parser.parse_args().databases:
        measure(kind)


if __name__ == "__main__":
    main()
