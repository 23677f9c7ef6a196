#!/usr/bin/env python
"""Django's command line: `.venv/bin/python manage.py help`."""

import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aether.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is not installed here; run `make run` once and use .venv/bin/python") from error
    from aether.env import NoDatabase, load, refuse_to_guess

    root = Path(__file__).resolve().parent
    try:
        refuse_to_guess(load(root), root, os.environ)
    except NoDatabase as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # as shells do; what a command writes, it writes as a whole or not at all


if __name__ == "__main__":
    main()
