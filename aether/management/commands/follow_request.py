"""`manage.py follow_request ID`: everything that the logs say of one request, in order."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

EXAMPLE = """examples:
  manage.py follow_request 05e992fd59f54323
  manage.py follow_request 05e992fd59f54323 /var/log/nginx/aether.log /mnt/second-server/logs
  manage.py follow_request 05e992fd59f54323 --json | jq .message"""
READABLE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} ")


class Command(BaseCommand):
    help = "Shows what API, websocket and worker logged of one request: its id is in every answer (x-request-id)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLE
        parser.add_argument("request_id")
        parser.add_argument(
            "more", nargs="*", type=Path, help="further log files or directories: nginx's, other machines'"
        )
        parser.add_argument("--json", action="store_true", help="the lines as they were written")

    def handle(self, *, request_id: str, more: list[Path], json: bool, **options: Any) -> None:
        logs: Path = settings.LOGGING["directory"]  # type: ignore[assignment]
        logged = {entry for file in files([logs, *more]) for entry in entries(file)}
        mine = sorted(entry for entry in logged if of_request(entry, request_id))
        if not mine:
            raise CommandError(f"The logs say nothing of {request_id}. Rotated away, or another machine's?")
        for entry in mine:
            self.stdout.write(entry[1] if json else told(entry))


def files(places: list[Path]) -> Iterator[Path]:
    for place in places:
        if not place.exists():
            raise CommandError(f"{place} does not exist")
        if place.is_file():
            yield place
        else:
            yield from (file for file in sorted(place.iterdir()) if re.search(r"\.log(\.\d+)?$", file.name))


def entries(file: Path) -> Iterator[tuple[str, str]]:
    """(time, line). An error stands in two files, but once here. A readable line has its trace below it."""
    begun: list[str] = []
    with file.open(errors="replace") as lines:
        for line in lines:
            if line.startswith("{"):
                yield time_of(line), line.rstrip("\n")
            elif READABLE.match(line):
                if begun:
                    yield begun[0].partition(" ")[0], "".join(begun).rstrip("\n")
                begun = [line]
            elif begun:
                begun.append(line)
    if begun:
        yield begun[0].partition(" ")[0], "".join(begun).rstrip("\n")


def time_of(line: str) -> str:
    try:
        return str(json.loads(line)["time"])
    except (ValueError, KeyError, TypeError):  # a line that was torn by a full disk
        return ""


def of_request(entry: tuple[str, str], request_id: str) -> bool:
    if request_id not in entry[1]:
        return False
    if entry[1].startswith("{"):
        try:
            return bool(json.loads(entry[1]).get("request_id") == request_id)
        except ValueError:
            return False
    return f"[{request_id}" in entry[1].partition("\n")[0]


def told(entry: tuple[str, str]) -> str:
    if not entry[1].startswith("{"):
        return entry[1]
    line = json.loads(entry[1])
    head = f"{line.pop('time')} {line.pop('level', ''):7} {line.pop('logger')}: {line.pop('message', '')}".rstrip(": ")
    trace = line.pop("trace", "")
    line.pop("request_id")
    fields = " ".join(f"{name}={value}" for name, value in line.items() if value not in ("", None))
    return "\n".join(part for part in (f"{head}  {fields}".rstrip(), trace) if part)
