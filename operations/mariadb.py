"""MariaDB: dumped by its own client while the service works, restored beside the live tables, then swapped."""

from __future__ import annotations

import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

from django.db import DatabaseError, connection

from operations.dump_lines import DumpLines, NotADump

DUMP_OPTIONS: Final = (
    *("--single-transaction", "--quick", "--skip-lock-tables", "--skip-add-locks", "--skip-disable-keys"),
    *("--hex-blob", "--skip-triggers", "--no-tablespaces", "--default-character-set=utf8mb4"),
)
LOAD_OPTIONS: Final = ("--sandbox", "--binary-mode", "--default-character-set=utf8mb4", "--connect-timeout=10")
SWAP_WAIT: Final = 30
"""Seconds to wait for running transactions when the tables are swapped."""


class DatabaseToolError(Exception):
    """The database, or a client program of it, did not do what it was asked for."""


@contextmanager
def defaults_file() -> Iterator[str]:
    """The address and password for the client programs, where neither `ps` nor other users see them."""
    given = connection.settings_dict
    options = {
        "user": given["USER"],
        "password": given["PASSWORD"],
        "host": given["HOST"],
        "port": given["PORT"],
        "socket": given["OPTIONS"].get("unix_socket", ""),
    }
    encryption = given["OPTIONS"].get("ssl") or {}
    options |= {f"ssl-{name}": encryption.get(name, "") for name in ("ca", "cert", "key", "cipher")}
    lines = [f"{name}={_quoted(str(value))}" for name, value in options.items() if value]
    with tempfile.NamedTemporaryFile("w", prefix="aether-", suffix=".cnf") as file:  # made with mode 0600
        file.write("\n".join(["[client]", *lines, ""]))
        file.flush()
        yield file.name


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _running(program: str, *arguments: str, **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A client program. Raises DatabaseToolError if it is missing, or ends with what it says is wrong."""
    with defaults_file() as file, tempfile.TemporaryFile() as errors:
        command = [program, f"--defaults-file={file}", *arguments]
        try:
            process = subprocess.Popen(command, stderr=errors, **pipes)  # noqa: S603  (no shell; names are ours)
        except FileNotFoundError:
            raise DatabaseToolError(f"{program} is not installed (Debian: mariadb-client).") from None
        try:
            yield process
        except BaseException:
            process.kill()
            process.wait()
            raise
        status = process.wait()
        errors.seek(0)
        output = errors.read(4000).decode("utf-8", "replace").strip()
        if status != 0:
            raise DatabaseToolError(f"{program} failed ({status}): {output or 'it was stopped'}")


def dump(counts: dict[str, int]) -> Iterator[bytes]:
    """The SQL of the whole database, as of one moment. Fills in the rows of each table. Raises DatabaseToolError."""
    name = connection.settings_dict["NAME"]
    with _running("mariadb-dump", *DUMP_OPTIONS, "--", name, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = DumpLines(counts)
        yield from lines.checked(process.stdout)
    if not lines.complete:
        raise DatabaseToolError("mariadb-dump ended before the end.")


def table_names(database: str | None = None) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s ORDER BY table_name",
            [database or connection.settings_dict["NAME"]],
        )
        return [name for (name,) in cursor.fetchall()]


def restore(sql: IO[bytes], promised: dict[str, int]) -> None:
    """Put the dump in place of all tables, at once or not at all. Raises DatabaseToolError, NotADump."""
    live = connection.settings_dict["NAME"]
    _drop_scratch(live)
    mark = secrets.token_hex(4)
    aside, old = f"{live}_restore_{mark}", f"{live}_before_{mark}"
    try:
        for name in (aside, old):
            _execute(f"CREATE DATABASE {_name(name)} CHARACTER SET utf8mb4 COLLATE {_collation()}")
        _load(sql, aside)
        _compare(aside, promised)
        _swap(live, aside, old)
    except DatabaseError as error:
        raise DatabaseToolError(f"{error} (the user needs rights on `{live}\\_%`.*, too)") from error
    finally:
        for name in (aside, old):
            _drop(name)


def _load(sql: IO[bytes], database: str) -> None:
    lines = DumpLines({})
    with _running("mariadb", *LOAD_OPTIONS, "--", database, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            for chunk in lines.checked(sql):
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended, and says why
    if not lines.complete:
        raise NotADump("The dump ends before its end.")


def _compare(database: str, promised: dict[str, int]) -> None:
    """Raises DatabaseToolError unless the tables hold as many rows as the manifest says."""
    counts = {}
    with connection.cursor() as cursor:
        for name in table_names(database):
            cursor.execute(f"SELECT COUNT(*) FROM {_name(database)}.{_name(name)}")  # noqa: S608  (names, quoted)
            counts[name] = cursor.fetchone()[0]
    if counts != promised:
        wrong = sorted(name for name in counts.keys() | promised.keys() if counts.get(name) != promised.get(name))
        raise DatabaseToolError(f"The restored tables do not hold what was saved: {', '.join(wrong)}.")


def _swap(live: str, aside: str, old: str) -> None:
    """One statement, which MariaDB does as a whole or, where it dies meanwhile, not at all."""
    moves = [f"{_name(live)}.{_name(t)} TO {_name(old)}.{_name(t)}" for t in table_names(live)]
    moves += [f"{_name(aside)}.{_name(t)} TO {_name(live)}.{_name(t)}" for t in table_names(aside)]
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = %s, max_statement_time = 0", [SWAP_WAIT])
        cursor.execute(f"RENAME TABLE {', '.join(moves)}")


def _drop(database: str) -> None:
    try:
        _execute(f"DROP DATABASE IF EXISTS {_name(database)}")
    except DatabaseError:
        connection.close()  # the server is away; it holds a database too many, which does no harm


def _drop_scratch(live: str) -> None:
    """What a restore that was killed has left. Only while holding the turn."""
    scratch = re.compile(re.escape(live) + "_(restore|before)_[0-9a-f]{8}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT schema_name FROM information_schema.schemata")
        names = [name for (name,) in cursor.fetchall()]
    for name in filter(scratch.fullmatch, names):
        _drop(name)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION max_statement_time = 0")
        cursor.execute(statement)


def _collation() -> str:
    collation = connection.settings_dict["OPTIONS"].get("collation", "utf8mb4_unicode_ci")
    assert re.fullmatch(r"\w+", collation)
    return str(collation)


def _name(name: str) -> str:
    return f"`{name.replace('`', '``')}`"
