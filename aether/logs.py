"""Logs: one rotating file a module, one for errors, the console; every line says whose request it was, and no secret.

JSON lines in production, readable ones in development. `extra=` values become fields of the JSON.
"""

from __future__ import annotations

import fcntl
import logging
import logging.config
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MODULES = (
    "accounts",
    "crud",
    "mail",
    "files",
    "actions",
    "agents",
    "events",
    "lookups",
    "content",
    "realtime",
    "legacy",
    "tenancy",
    "tasks",
)
FILES = {**{name: name for name in MODULES}, "celery": "tasks", "kombu": "tasks", "django_celery_beat": "tasks"}
"""The first word of a logger's name → the file of its lines. Others go to the console, and to errors.log."""

CONTEXT = ("request_id", "account", "key")
# Not fields of a line: what every record has, and what Django hangs on some, such as the whole request.
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time", *CONTEXT}

HIDDEN = "[hidden]"
SECRET_NAMES = re.compile(r"pass(word|code|wd)|secret|token|authorization|cookie|signature|api_?key|jwt", re.IGNORECASE)
SECRETS = (
    (re.compile(r"\b(ae[a-z]_)[A-Za-z0-9_-]{4,}"), rf"\1{HIDDEN}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?"), HIDDEN),
    (re.compile(r"(\bjwt=)[^\s&\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (
        # password=x, "passcode": "x y", 'new_password': 'x', &password=x&…
        re.compile(
            r"""((?:pass(?:word|code|wd)|secret|token|cookie|sessionid|signature|api[_-]?key)\w*\\?["']?\s*[=:]\s*)"""
            r"""(?!ae[a-z]_\[)(\\?"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s&,;}\])]+)""",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    # mysql://user:password@host, also where a "/" of the password was not spelled %2F
    (re.compile(r"""(\b[a-z0-9+]+://[^\s:/@]*:)[^\s@?"']+@""", re.IGNORECASE), rf"\1{HIDDEN}@"),
)
SUSPICIOUS = (
    *("pass", "jwt", "eyj", "bearer", "basic", "://", "secret", "token", "cookie", "sessionid"),
    *("signature", "apikey", "api_key", "api-key", "aes_", "aep_", "aed_", "aee_", "aev_", "aeu_"),
)
"""Each text that one of SECRETS matches holds one of these, in small letters. Most lines hold none."""


def scrub(text: str) -> str:
    small = text.lower()
    for word in SUSPICIOUS:  # any() takes twice as long, and every line passes here
        if word in small:
            return without_secrets(text)
    return text


def without_secrets(text: str) -> str:
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


def visible(text: str, allowed: str = "") -> str:
    """Without what moves a terminal's cursor, splits a line or turns its direction: these are spelled out."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in allowed else char.encode("unicode_escape").decode() for char in text
    )


@lru_cache(maxsize=1_024)
def is_secret_name(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


def scrubbed(name: str, value: Any) -> Any:
    """A field of a log line, ready for JSON."""
    if is_secret_name(name):
        return HIDDEN
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, dict):
        return {visible(str(key)): scrubbed(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [scrubbed("", inner) for inner in value]
    return visible(scrub(str(value)), allowed="\t\n")


@lru_cache(maxsize=1)
def request_fields() -> Callable[[], dict[str, str]]:
    # Here, as logging begins before the apps can be imported.
    from kernel.request_context import log_fields

    return log_fields


def context(record: logging.LogRecord) -> dict[str, str]:
    """Whose request it is: what the record says itself, else what is being served."""
    given = vars(record)
    fields: dict[str, str] = {}
    if not given.keys() >= set(CONTEXT):
        with suppress(ImportError):
            fields = request_fields()()
    return {name: value for name in CONTEXT if (value := given.get(name, fields.get(name, "")))}


@lru_cache(maxsize=4)
def second(number: int) -> str:
    """Many lines fall into one second."""
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": f"{second(int(record.created))}.{int(record.msecs):03}+00:00",
            "level": record.levelname,
            "logger": record.name,
            "message": visible(scrub(record.getMessage()), allowed="\t\n"),
        }
        for name, value in context(record).items():
            line[name] = visible(value)
        for name, value in vars(record).items():
            if name not in STANDARD and name not in line:
                line[name] = scrubbed(name, value)
        if record.exc_info:
            line["trace"] = visible(scrub(self.formatException(record.exc_info)), allowed="\t\n")
        return orjson.dumps(line).decode()


class ReadableFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time_of_day = f"{second(int(record.created))[11:]}.{int(record.msecs):03}"
        whose = " ".join(context(record).values())
        line = f"{time_of_day} {record.levelname:7} {record.name}: {record.getMessage()}"
        line = visible(scrub(line + (f"  [{whose}]" if whose else "")))
        if record.exc_info:
            line += "\n" + visible(scrub(self.formatException(record.exc_info)), allowed="\t\n")
        return line


class LogFile:
    """A file that several processes write to, one write a line, and that any of them may rotate.

    What a line costs is that write: whether it is time to rotate, or another process has, is asked once a second. Until
    it notices, a process goes on writing to the file that has just become `.1`: nothing is lost.
    """

    def __init__(self, path: Path, max_bytes: int, kept_files: int, look_every: float) -> None:
        self.path = str(path)
        self.max_bytes = max_bytes
        self.kept_files = kept_files
        self.look_every = look_every
        self.descriptor = -1
        self._look_at = 0.0
        self._unseen = 0
        self._torn = False

    def write(self, line: bytes) -> None:
        """Raises OSError, when the disk is full for example."""
        if time.monotonic() >= self._look_at or self._unseen >= self.max_bytes // 8:
            self._look()
        if self._torn:
            line = b"\n" + line
        self._torn = True  # until all of it is there
        self._unseen += len(line)
        while line:
            line = line[os.write(self.descriptor, line) :]
        self._torn = False

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _look(self) -> None:
        self._look_at, self._unseen = time.monotonic() + self.look_every, 0
        self._follow()
        if os.fstat(self.descriptor).st_size >= self.max_bytes:
            with suppress(PermissionError), open(f"{self.path}.lock", "w") as lock:  # closing it lets go
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._follow()
                if os.fstat(self.descriptor).st_size >= self.max_bytes:  # else another process has just rotated
                    self._rotate()
                    self._follow()

    def _follow(self) -> None:
        """Opens the file anew when the open one is no longer what stands under its name."""
        if self.descriptor >= 0:
            with suppress(FileNotFoundError):
                if os.path.samestat(os.stat(self.path), os.fstat(self.descriptor)):
                    return
        opened = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        self.close()
        self.descriptor = opened

    def _rotate(self) -> None:
        for number in range(self.kept_files, 1, -1):
            with suppress(FileNotFoundError):
                os.replace(f"{self.path}.{number - 1}", f"{self.path}.{number}")
        os.replace(self.path, f"{self.path}.1")


def without_parts(record: logging.LogRecord, error: Exception) -> logging.LogRecord:
    """What is said of a record that can't be written. Its parts may be secret: they are left out."""
    place = f"{Path(record.pathname).name}:{record.lineno}"
    message = f"a log line of {place} could not be made: {type(error).__name__}"
    return logging.LogRecord(record.name, logging.ERROR, record.pathname, record.lineno, message, (), None)


class LineHandler(logging.Handler):
    """Formats a record once, and writes the line wherever it belongs."""

    def __init__(
        self,
        directory: Path,
        console: bool = True,
        max_bytes: int = 10 * 2**20,
        kept_files: int = 5,
        look_every: float = 1.0,
    ) -> None:
        super().__init__()
        self.console = console
        self.console_level = logging.NOTSET
        """What is less serious goes to the files only."""
        self._files = {
            name: LogFile(directory / f"{name}.log", max_bytes, kept_files, look_every)
            for name in (*dict.fromkeys(FILES.values()), "errors")
        }
        self._complain_at = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record) + "\n"
        except Exception as error:  # noqa: BLE001  (a line that can't be made must not fail the request)
            line = self.format(without_parts(record, error)) + "\n"
        if self.console and record.levelno >= self.console_level:
            with suppress(OSError, ValueError):  # nobody listens, or the interpreter is ending
                sys.stderr.write(line)
        name = FILES.get(record.name.partition(".")[0])
        if name is not None:
            self._write(name, line)
        if record.levelno >= logging.ERROR:
            self._write("errors", line)

    def _write(self, name: str, line: str) -> None:
        try:
            self._files[name].write(line.encode(errors="backslashreplace"))
        except OSError as error:
            if time.monotonic() >= self._complain_at:
                self._complain_at = time.monotonic() + 60
                with suppress(OSError, ValueError):
                    sys.stderr.write(f"{name}.log can't be written: {error.strerror}\n")

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        super().close()


@contextmanager
def quiet_console() -> Iterator[Callable[[], None]]:
    """Only warnings are written to standard error, until the block ends or the function that it yields is called."""
    handlers = [handler for handler in logging.getLogger().handlers if isinstance(handler, LineHandler)]

    def speak() -> None:
        for handler in handlers:
            handler.console_level = logging.NOTSET

    for handler in handlers:
        handler.console_level = logging.WARNING
    try:
        yield speak
    finally:
        speak()


def configure(options: dict[str, Any]) -> None:
    """Django calls it with settings.LOGGING."""
    directory: Path = options["directory"]
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    # No line names them, and finding them out for each would cost more than writing it.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # Python 3.12 and later
    logging.config.dictConfig(dictionary(directory, options["level"], options["as_json"], options["console"]))


def dictionary(directory: Path, level: str, as_json: bool, console: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonFormatter if as_json else ReadableFormatter}},
        "handlers": {
            "lines": {"()": LineHandler, "formatter": "line", "directory": directory, "console": console},
        },
        "root": {"level": level, "handlers": ["lines"]},
        "loggers": {
            # Their own handlers are taken away: everything ends at the root.
            "django": {"handlers": [], "level": level},
            "django.server": {"handlers": [], "propagate": True},
            # Its INFO and DEBUG say what every request and query was.
            "django.db.backends": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }
