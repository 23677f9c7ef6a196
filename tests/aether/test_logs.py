"""The logs keep every line whole, and keep secrets out of them."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aether.logs import JsonFormatter, LineHandler, LogFile, ReadableFormatter
from aether.settings import ROOT

SECRETS = {
    "key": "aes_4f7Kq29xTgVw8ZpLmN3r",
    "publishable": "aep_9xTgVw8ZpLmN3r4f7Kq2",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlLW9mLWl0",
    "password": "hunter2-correct-horse",
    "passcode": "7391-blue",
    "basic": "Tm92aUtleTpzZWNyZXQxMjM0",
    "database": "db-Pa55-word",
    "novi": "nv-Live=Km38fjw02kdlsQ==",
    "bucket": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYzKe",
    "signature": "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    "session": "q8w7e6r5t4y3u2i1o0p9a8s7",
}
SAID: list[tuple[str, dict[str, Any]]] = [
    ("called with {key} and {publishable}", {}),
    ("x-aether-api-key: {key}", {}),
    ("Authorization: Bearer {token}", {}),
    ("Authorization: Basic {basic}", {}),
    ("GET /v3/action/hosted_file/x/download?jwt={token}&inline=1", {}),
    ('POST {{"username": "a", "password": "{password}", "passcode": "{passcode}"}}', {}),
    ("new_password='{password}' passcode={passcode}&x=1", {}),
    ("refresh_token={token}", {}),
    ("Cookie: sessionid={session}; csrftoken={session}", {}),
    ("no route to mysql://aether:{database}@db/aether, redis://:{database}@redis/0, s3://me:{database}@host/b", {}),
    (
        "Novi: Authorization: Basic {novi}; NOVI_API_KEY={novi}, {{'novi_api_key': '{novi}', \"apiKey\": \"{novi}\"}}",
        {},
    ),
    ("s3://AKIA1:{bucket}@store/b aws_secret_access_key={bucket} SecretAccessKey: '{bucket}'", {}),
    ("GET https://store/b/k?X-Amz-Credential=AKIA1%2F2026&X-Amz-Signature={signature}&X-Amz-Expires=9", {}),
    ("Authorization: AWS4-HMAC-SHA256 Credential=AKIA1/2026, SignedHeaders=host, Signature={signature}", {}),
    ("account saved", {"cfg_json": {"novi_api_key": "{novi}", "s3": {"secretAccessKey": "{bucket}"}}}),
    ("signed in", {"headers": {"X-Aether-Api-Key": "{key}", "cookie": "sessionid={session}"}, "jwt": "{token}"}),
    (
        "signed in",
        {"body": {"deep": [{"password": "{password}"}, "passcode={passcode}"]}, "secret_access_key": "{basic}"},
    ),
]


@pytest.fixture
def logger(tmp_path: Path) -> Iterator[Callable[..., logging.Logger]]:
    handlers: list[logging.Handler] = []

    def make(formatter: logging.Formatter | None = None, **options: Any) -> logging.Logger:
        handler = LineHandler(tmp_path, **{"console": False, **options})
        handler.setFormatter(formatter or JsonFormatter())
        handlers.append(handler)
        apart = logging.Logger("crud.tests_of_logs", logging.INFO)  # noqa: LOG001  (pytest shall not listen to it)
        apart.addHandler(handler)
        return apart

    yield make
    for handler in handlers:
        handler.close()


def filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: filled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner) for inner in value]
    return value.format(**SECRETS)


@pytest.mark.parametrize("formatter", [JsonFormatter(), ReadableFormatter()])
def test_no_secret_reaches_a_file_or_the_console(
    logger: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], formatter: logging.Formatter
) -> None:
    log = logger(formatter, console=True)
    for text, extra in SAID:
        log.info(filled(text), extra=filled(extra))
        log.info("%s", filled(text))
        try:
            raise ValueError(filled(text))
        except ValueError:
            log.exception("failed")
    written = "".join(file.read_text() for file in tmp_path.glob("*.log")) + capsys.readouterr().err
    assert written.count("signed in") >= 4
    assert {name: value for name, value in SECRETS.items() if value in written} == {}


def test_the_secrets_are_really_said(logger: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above finds when nothing is scrubbed."""
    monkeypatch.setattr("aether.logs.SUSPICIOUS", ())
    monkeypatch.setattr("aether.logs.is_secret_name", lambda name: False)
    log = logger()
    for text, extra in SAID:
        log.info(filled(text), extra=filled(extra))
    written = (tmp_path / "crud.log").read_text()
    assert [name for name, value in SECRETS.items() if value not in written] == []


def test_a_line_that_can_not_be_made_does_not_tell_its_parts(
    logger: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger(console=True).info("%d rows", SECRETS["password"])
    said = (tmp_path / "crud.log").read_text()
    assert json.loads(said)["message"].startswith("a log line of test_logs.py:")
    assert SECRETS["password"] not in said
    assert capsys.readouterr().err == said


def test_nothing_in_a_line_moves_the_cursor_or_splits_it(logger: Any, tmp_path: Path) -> None:
    evil = "a\x1b[2Jb\u2028c\u2029d\x9bm\u202ee\x07\x00\x7f\ud800"
    for formatter in (JsonFormatter(), ReadableFormatter()):
        logger(formatter).info("%s\r\nFAKE", evil, extra={"agent": evil, "more": {evil: [evil, 2**70, float("nan")]}})
    as_json, readable = (tmp_path / "crud.log").read_bytes().decode().splitlines()
    assert as_json.isprintable()
    assert readable.isprintable()
    assert "\\x1b[2Jb\\u2028c" in readable
    line = json.loads(as_json)
    assert line["agent"].startswith("a\\x1b[2Jb\\u2028c")
    assert line["message"].endswith("\\r\nFAKE")


def test_each_module_has_its_file_and_errors_have_one_more(tmp_path: Path) -> None:
    script = """
import logging, sys, pathlib
from aether.logs import configure
configure({"directory": pathlib.Path(sys.argv[1]), "level": "INFO", "as_json": True, "console": False})
for name in ("accounts.sign_in", "crud.request", "celery.worker", "realtime", "django.request"):
    logging.getLogger(name).info("a", extra={"request_id": "r-1"})
logging.getLogger("legacy").error("b")
logging.getLogger("events").debug("c")
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=True)
    found = {file.name: [json.loads(line) for line in file.open()] for file in tmp_path.iterdir()}
    assert {name: len(lines) for name, lines in found.items()} == {
        "accounts.log": 1,
        "crud.log": 1,
        "tasks.log": 1,
        "realtime.log": 1,
        "legacy.log": 1,
        "errors.log": 1,
    }
    (line,) = found["crud.log"]
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "INFO", "logger": "crud.request", "message": "a", "request_id": "r-1"}


# rotation

WRITER = """
import sys, pathlib
from aether.logs import LogFile
who, file = sys.argv[1], LogFile(pathlib.Path(sys.argv[2]), max_bytes=20_000, kept_files=100, look_every=0.01)
for number in range(2_000):
    file.write(f"{who} {number:06} {'x' * (number % 90)} end\\n".encode())
"""


def test_processes_that_rotate_together_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "crud.log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, who, str(path)], cwd=ROOT) for who in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    files = [file for file in tmp_path.iterdir() if file.suffix != ".lock"]
    lines = [line.split() for file in files for line in file.read_text().splitlines()]
    assert {line[-1] for line in lines} == {"end"}
    assert sorted((line[0], int(line[1])) for line in lines) == [(who, n) for who in "abc" for n in range(2_000)]
    assert len(files) > 5  # it did rotate
    assert max(file.stat().st_size for file in files) < 60_000


def test_the_oldest_are_dropped(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "crud.log", max_bytes=100, kept_files=2, look_every=0)
    for number in range(10):
        file.write(f"{number} {'x' * 100}\n".encode())
    file.close()
    kept = {path.name: path.read_text()[0] for path in tmp_path.iterdir() if path.suffix != ".lock"}
    assert kept == {"crud.log": "9", "crud.log.1": "8", "crud.log.2": "7"}


def test_a_line_costs_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = LogFile(tmp_path / "crud.log", max_bytes=2**20, kept_files=2, look_every=60)
    file.write(b"first\n")
    calls: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(os, name)
        return lambda *arguments, **options: (calls.append(name), real(*arguments, **options))[1]

    for name in ("write", "stat", "fstat", "open"):
        monkeypatch.setattr(os, name, counted(name))
    file.write(b"second\n")
    assert calls == ["write"]
    monkeypatch.undo()
    file.close()


FULL = """
import logging, resource, sys, pathlib
from aether.logs import JsonFormatter, LineHandler
handler = LineHandler(pathlib.Path(sys.argv[1]), console=False)
handler.setFormatter(JsonFormatter())
log = logging.getLogger("crud")
log.addHandler(handler)
log.warning("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (120, resource.RLIM_INFINITY))
for _ in range(3):
    log.warning("while the disk is full")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.warning("after")
"""


def test_a_full_disk_stops_nobody_and_spoils_no_later_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stderr == "crud.log can't be written: File too large\n"
    first, torn, last = (tmp_path / "crud.log").read_text().splitlines()
    assert (json.loads(first)["message"], json.loads(last)["message"]) == ("before", "after")
    assert torn.startswith('{"time"')
