"""What every process has installed is used: a package that does nothing is a risk without a use."""

from __future__ import annotations

import ast
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from aether.settings import ROOT

MODULE = r"[a-z]\w*(\.\w+)*"
BASE = (ROOT / "requirements/base.in").read_text()
COMMAND_LINES = ("Makefile", "README.md", "docker/**/*", "scripts/*", "docs/*.md")
"""Where programs are started that no module imports, such as gunicorn."""


def required(text: str) -> dict[str, str]:
    """Package → its line."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower(): line for line in lines}


def modules_of(package: str) -> set[str]:
    """The names under which a package is imported."""
    plain = re.sub(r"[-_.]+", "-", package.lower())
    owners = packages_distributions().items()
    return {name for name, owned in owners if plain in {re.sub(r"[-_.]+", "-", one.lower()) for one in owned}}


def used() -> set[str]:
    """The first word of every import, and of every text that may name a module, as settings do."""
    found: set[str] = set()
    apps = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in ("tests", "bench")]
    for file in (file for app in apps for file in app.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(MODULE, node.value):
                found.add(node.value.partition(".")[0])
    return found


def started() -> str:
    files = [file for pattern in COMMAND_LINES for file in ROOT.glob(pattern) if file.is_file()]
    return "\n".join(Path(file).read_text(errors="replace") for file in files)


def useless(text: str) -> list[str]:
    known, commands = used(), started()
    return [
        package
        for package, line in required(text).items()
        if "# why: " not in line
        and not modules_of(package) & known
        and not re.search(rf"(?<![\w-]){re.escape(package)} (--?\w|[\w.]+[:.]\w)", commands)
    ]


def test_every_requirement_is_used() -> None:
    """Imported by a module of ours, named by a setting, started by a command line of ours, or it says why it is there."""
    assert useless(BASE) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("hypothesis>=6", ["hypothesis"]),  # of tests only
        ("moto[s3]", ["moto"]),
        ("hypothesis  # why: an operator asks for it", []),
        ("gunicorn>=27", []),
        ("whitenoise>=6", []),
        ("orjson", []),
        ("# hypothesis", []),
    ],
)
def test_one_without_use_is_seen(line: str, expected: list[str]) -> None:
    assert useless(line) == expected
