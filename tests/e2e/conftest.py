"""A demo server for all tests in a browser, and a browser that takes every complaint of a page for a failure."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from aether.settings import ROOT

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SECONDS_TO_START = 200


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="session")
def examples() -> Iterator[str]:
    """Where the pages of examples/ are, as on a front end's own server."""
    handler = partial(Quiet, directory=str(ROOT / "examples"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, examples: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The address of a server of its own, with the demo in it, and the demo's credentials."""
    home: Path = tmp_path_factory.mktemp("aether")
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--demo", "--port", "0"],
        cwd=ROOT,
        env=environment | {"AETHER_HOME": str(home), "PYTHONUNBUFFERED": "1", "CORS_ALLOWED_ORIGINS": examples},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield address_said_by(server), json.loads((home / "demo.json").read_text())
    finally:
        server.terminate()
        server.wait(60)


def address_said_by(server: subprocess.Popen[bytes]) -> str:
    assert server.stdout is not None
    said, deadline = "", time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        if select.select([server.stdout], [], [], 1)[0]:
            said += os.read(server.stdout.fileno(), 65_536).decode()
        if match := re.search(r"answers at\s+(http://\S+)", said):
            return match[1]
    pytest.fail(f"the server did not start: {said}")


@pytest.fixture
def page(demo: Any) -> Iterator[Page]:
    """A browser that takes every complaint of a page for a failure."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing; `make test` installs it"
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        opened = browser.new_page(viewport={"width": 1400, "height": 900})
        opened.set_default_timeout(90_000)  # a machine that is busy with the other worker's tests
        opened.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        browser.close()
    assert complaints == []
