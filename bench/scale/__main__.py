"""`python -m bench.scale`: lists, searches and the admin of small and large accounts beside two million rows of others,
on a MariaDB of its own."""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser

from bench.processes import say
from bench.stacks import ROOT, own_installation


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="journal entries; default: %(default)s")
    parser.add_argument("--only", default="", help="the questions with this in their name")
    options = parser.parse_args()
    with own_installation("mariadb") as environment:
        fill = [sys.executable, "-m", "bench.scale.fill", str(options.rows)]
        subprocess.run(fill, env=environment | {"AETHER_STATEMENT_TIMEOUT": "0"}, cwd=ROOT, check=True)
        say("Filled")
        ask = [sys.executable, "-m", "bench.scale.ask", options.only]
        subprocess.run(ask, env=environment | {"AETHER_ENV": "development"}, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
