"""What `make run` says: little, and what counts."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from aether.logs import LineHandler, quiet_console
from aether.management.commands.serve import announcement

DEMO: dict[str, Any] = {
    "accounts": [
        {
            "id": "7Qx2b9TfLm0",
            "api_keys": {"user": "aes_key"},
            "users": {"manager": {"username": "mia", "password": "first"}},
        }
    ],
    "super": {"username": "sue", "password": "second"},
}


def test_it_names_the_doors_in_few_lines() -> None:
    said = announcement("http://127.0.0.1:5005", DEMO)
    for door in ("/docs", "docs/frontend_guide.md", "/admin/", "aes_key", "7Qx2b9TfLm0", "mia / first", "sue / second"):
        assert door in said
    assert len(said.splitlines()) <= 12  # two more come before it: the database, the demo


def test_until_then_the_console_hears_warnings_only(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    handler = LineHandler(tmp_path)
    root = logging.getLogger()
    root.addHandler(handler)
    log = logging.getLogger("tasks.quiet")
    log.setLevel(logging.INFO)
    try:
        with quiet_console() as speak:
            log.info("for the file")
            log.warning("for both")
            speak()
            log.info("from now on")
    finally:
        root.removeHandler(handler)
        handler.close()
    told = capsys.readouterr().err
    assert "for the file" not in told
    assert "for both" in told
    assert "from now on" in told
    assert "for the file" in (tmp_path / "tasks.log").read_text()
