"""Reads the configuration: environment variables, then the file `.env`. An empty variable counts as unset.

Every reader refuses a value that it cannot use, by the variable's name and never with the value: it may be a secret.
`names` collects what was asked for; a test holds `.env.example` to it.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class EnvReader:
    def __init__(self, variables: Mapping[str, str], dotenv: Path) -> None:
        self.names: set[str] = set()
        given = {name: value for name, value in variables.items() if value.strip()}
        self._env = type("Env", (environ.Env,), {"ENVIRON": given})()  # else read_env would write to os.environ
        if dotenv.is_file() and os.access(dotenv, os.R_OK):
            self._env.read_env(str(dotenv))  # keeps what is there: the environment outranks the file

    def text(self, name: str, default: str = "") -> str:
        self.names.add(name)
        return self._env.ENVIRON.get(name, "").strip() or default

    def integer(self, name: str, default: int, least: int = 0, most: int = 2**31 - 1) -> int:
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise refused(name, f"must be a whole number from {least} to {most}")
        return int(value)

    def fraction(self, name: str, default: float, least: float) -> float:
        value = self.text(name)
        try:
            number = float(value) if value else default
        except ValueError:
            number = -1.0
        if not least <= number <= 1:
            raise refused(name, f"must be a number from {least} to 1, such as 0.5")
        return number

    def boolean(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value not in TRUE | FALSE | {""}:
            raise refused(name, "must be true or false")
        return value in TRUE if value else default

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise refused(name, f"must be one of {', '.join(choices)}")
        return value

    def day(self, name: str) -> date | None:
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError as error:
            raise refused(name, "must be a date such as 2027-06-30") from error

    def words(self, name: str, default: list[str]) -> list[str]:
        """A list, separated by commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()] or default

    def origins(self, name: str, default: list[str]) -> list[str]:
        origins = self.words(name, default)
        if not all(_is_origin(origin) for origin in origins):
            raise refused(name, "must list origins such as https://example.org, without a path")
        return origins

    def networks(self, name: str, default: list[str]) -> list[Network]:
        try:
            return [ipaddress.ip_network(word) for word in self.words(name, default)]
        except ValueError as error:
            raise refused(name, "must list addresses or networks such as 10.0.0.0/8") from error

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().absolute()

    def url(self, name: str, schemes: tuple[str, ...]) -> str:
        value = self.text(name)
        if value and urlsplit(value).scheme not in schemes:
            raise refused(name, f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    def fitting(self, name: str, default: str, fits: Callable[[str], bool], why: str) -> str:
        """A text of a form of its own; unset and without a default it is empty."""
        value = self.text(name, default)
        if value and not fits(value):
            raise refused(name, why)
        return value

    def database(self, name: str, default_file: Path) -> dict[str, Any]:
        """Django's description of the database: a URL `sqlite:///…` or `mysql://…`, else the file."""
        url = self.url(name, ("sqlite", "mysql"))
        if not url:
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)}
        try:
            database: dict[str, Any] = self._env.db_url_config(url)
        except Exception as error:
            raise refused(name, "is no database address") from error
        if not database.get("NAME"):
            raise refused(name, "names no database")
        return database


class NoDatabase(ImproperlyConfigured):
    """A production install was started without its environment; says which file to load."""


MARKER = ".aether-production"
"""A file beside manage.py that marks a production install; it may hold the path of the environment's file."""


def refuse_to_guess(reader: EnvReader, root: Path, variables: Mapping[str, str]) -> None:
    """Raises NoDatabase where this is a production install and DATABASE_URL is not known: its commands would work on an
    empty SQLite database of their own, in silence."""
    given, marker = variables.get("AETHER_ENV_FILE", "").strip(), root / MARKER
    given = "" if given == os.devnull else given
    production = reader.text("AETHER_ENV") == "production"
    if reader.text("DATABASE_URL") or not (given or production or marker.is_file()):
        return
    file = given or (_first_line(marker) if marker.is_file() else "") or str(root / ".env")
    if not Path(file).is_file():
        problem = f"{file} does not exist"
    elif not os.access(file, os.R_OK):
        problem = f"{file} is not yours to read"
    else:
        problem = f"load {file}" if file != given else f"{file} has none"
    raise NoDatabase(
        f"This is a production install, and DATABASE_URL is not set: {problem}. Run the command with the service's "
        f"environment, as with AETHER_ENV_FILE={file}. Nothing was touched."
    )


def _first_line(file: Path) -> str:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[0].strip() if lines else ""


def refused(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {why}")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return bool(
        port_is_valid
        and parts.scheme in {"http", "https"}
        and parts.hostname
        and not (parts.path or parts.query or parts.fragment or parts.username)
    )


def load(root: Path) -> EnvReader:
    """The process's own configuration. AETHER_ENV_FILE names another file than `.env`."""
    return EnvReader(os.environ, Path(os.environ.get("AETHER_ENV_FILE", "").strip() or root / ".env"))
