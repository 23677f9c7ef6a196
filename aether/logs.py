"""Logs: one rotating file a module, one for errors, the console; every line says whose request it was, and no secret.

JSON lines in production, readable ones in development. `extra=` values become fields of the JSON.
"""

from __future__ import annotations

import fcntl
import logging
import logging.config
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import orjson

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MODULES = ("accounts", "crud", "files", "actions", "events", "lookups", "content", "legacy", "tenancy", "tasks")
MAX_BYTES = 10 * 2**20
KEPT_FILES = 5

CONTEXT = ("request_id", "account", "key")
# Not fields of a line: what every record has, and what Django hangs on some, such as the whole request.
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time", *CONTEXT}
LINE = "aether_line"
STANDARD.add(LINE)

HIDDEN = "[hidden]"
SECRET_NAMES = re.compile(r"pass(word|code|wd)|secret|token|authorization|cookie|api_?key|jwt", re.IGNORECASE)
SECRETS = (
    (re.compile(r"\b(ae[sp]_)[A-Za-z0-9_-]{4,}"), rf"\1{HIDDEN}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?"), HIDDEN),
    (re.compile(r"(\bjwt=)[^\s&\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (
        # password=x, "passcode": "x y", 'new_password': 'x', &password=x&…
        re.compile(
            r"""(pass(?:word|code|wd)\w*\\?["']?\s*[=:]\s*)(\\?"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s&,;}\])]+)""",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(\b[a-z+]+://[^\s:/@]*:)[^\s/@]+@", re.IGNORECASE), rf"\1{HIDDEN}@"),  # mysql://user:password@host
)


SUSPICIOUS = re.compile(r"ae[sp]_|eyJ|jwt|pass|bearer|basic|://", re.IGNORECASE)
"""In every text that one of SECRETS matches. Most lines hold none of these, and are spared the rest."""


def scrub(text: str) -> str:
    if SUSPICIOUS.search(text) is None:
        return text
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


@lru_cache(maxsize=1_024)
def is_secret_name(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


def scrubbed(name: str, value: Any) -> Any:
    """A field of a log line, ready for JSON."""
    if is_secret_name(name):
        return HIDDEN
    if isinstance(value, dict):
        return {str(key): scrubbed(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [scrubbed("", inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub(str(value))


class ContextFilter(logging.Filter):
    """Adds the request's id, account and key name to the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        fields = _request_fields()
        for name in CONTEXT:
            if not hasattr(record, name):
                setattr(record, name, fields.get(name, ""))
        return True


def _request_fields() -> dict[str, str]:
    try:
        # Here, as logging begins before the apps can be imported.
        from crud.request_context import log_fields
    except ImportError:
        return {}
    return log_fields()


class OneLine(logging.Formatter):
    """Writes a record's line once, however many handlers ask for it: the console and a module's file say the same."""

    def format(self, record: logging.LogRecord) -> str:
        line: str | None = getattr(record, LINE, None)
        if line is None:
            line = self.line(record)
            setattr(record, LINE, line)
        return line

    def line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError


class JsonFormatter(OneLine):
    def line(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        line |= {name: value for name in CONTEXT if (value := getattr(record, name, ""))}
        line |= {name: scrubbed(name, value) for name, value in _extra(record).items() if name not in line}
        if record.exc_info:
            line["trace"] = scrub(self.formatException(record.exc_info))
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class ReadableFormatter(OneLine):
    def line(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        context = " ".join(value for name in CONTEXT if (value := getattr(record, name, "")))
        line = f"{time} {record.levelname:7} {record.name}: {message}" + (f"  [{context}]" if context else "")
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return scrub(line)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


class SharedRotatingFileHandler(RotatingFileHandler):
    """Rotation that several processes may do on one file: one of them rotates, the others notice and follow."""

    def emit(self, record: logging.LogRecord) -> None:
        self._follow()
        super().emit(record)

    def doRollover(self) -> None:  # noqa: N802  (the standard library's name)
        with self._only_one():
            self._follow()
            if os.path.getsize(self.baseFilename) >= self.maxBytes // 2:  # else another process has just rotated
                super().doRollover()

    def _follow(self) -> None:
        """Opens the file anew when the open one is no longer what stands under its name."""
        if self.stream is None:
            return
        try:
            same = os.path.samestat(os.stat(self.baseFilename), os.fstat(self.stream.fileno()))
        except FileNotFoundError:
            same = False
        if not same:
            self.stream.close()
            self.stream = self._open()

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        with open(f"{self.baseFilename}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def configure(options: dict[str, Any]) -> None:
    """Django calls it with settings.LOGGING."""
    directory: Path = options["directory"]
    directory.mkdir(parents=True, exist_ok=True)
    logging.config.dictConfig(dictionary(directory, options["level"], options["as_json"]))


def dictionary(directory: Path, level: str, as_json: bool) -> dict[str, Any]:
    common = {"formatter": "line", "filters": ["context"]}
    file = common | {
        "()": SharedRotatingFileHandler,
        "maxBytes": MAX_BYTES,
        "backupCount": KEPT_FILES,
        "encoding": "utf-8",
        "delay": True,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": ContextFilter}},
        "formatters": {"line": {"()": JsonFormatter if as_json else ReadableFormatter}},
        "handlers": {
            "console": common | {"class": "logging.StreamHandler"},
            "errors": file | {"filename": str(directory / "errors.log"), "level": "ERROR"},
            **{name: file | {"filename": str(directory / f"{name}.log")} for name in MODULES},
        },
        "root": {"level": level, "handlers": ["console", "errors"]},
        "loggers": {
            **{name: {"handlers": [name]} for name in MODULES},
            "celery": {"handlers": ["tasks"]},
            # Their own handlers are taken away: everything ends at the root.
            "django": {"handlers": [], "level": level},
            "django.server": {"handlers": [], "propagate": True},
            # Its INFO and DEBUG say what every request and query was.
            "django.db.backends": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }
