"""The admin in a real browser: sign in, look for something, change it, read its history, make a key."""

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
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from aether.settings import ROOT

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SECONDS_TO_START = 100


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """The address of a server of its own, with the demo in it, and the demo's credentials."""
    home: Path = tmp_path_factory.mktemp("aether")
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--demo", "--port", "0"],
        cwd=ROOT,
        env=environment | {"AETHER_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield address_said_by(server), json.loads((home / "demo.json").read_text())
    finally:
        server.terminate()
        server.wait(20)


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
        opened.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        browser.close()
    assert complaints == []


def sign_in(page: Page, address: str, user: dict[str, str]) -> None:
    page.goto(f"{address}/admin/")
    page.fill("#id_username", user["username"])
    page.fill("#id_password", user["password"])
    page.click("[type=submit]")
    page.wait_for_selector("#dashboard")


def test_a_manager_at_work(page: Page, demo: Any) -> None:
    address, said = demo
    ours, theirs = said["accounts"]
    sign_in(page, address, ours["users"]["manager"])

    page.goto(f"{address}/admin/events/eventsession/")
    page.fill("#searchbar", theirs["samples"]["event_session"])
    page.press("#searchbar", "Enter")
    page.wait_for_selector("text=0 results")
    page.fill("#searchbar", ours["samples"]["event_session"])
    page.press("#searchbar", "Enter")
    page.wait_for_selector("text=1 result")
    page.click("#result_list tbody th a")

    page.fill("#id_name", "Renamed in the browser")
    page.click(".field-event_location .select2-selection")
    page.click(".select2-results__option:has-text('Juniper Room')")
    page.click("[name=_continue]")
    page.wait_for_selector("text=was changed successfully")
    assert page.input_value("#id_name") == "Renamed in the browser"
    assert "Juniper Room" in page.inner_text(".field-event_location .select2-selection")
    page.click("text=History")
    page.wait_for_selector("text=→ Renamed in the browser")

    page.goto(f"{address}/admin/accounts/apikey/add/")
    page.fill("#id_name", "Made in the browser")
    page.click("[name=_save]")
    assert page.input_value("#new-api-key").startswith("aes_")
    page.click("text=Go on to Made in the browser")
    assert "aes_" not in page.content()


def test_a_super_user_makes_a_key_for_an_account(page: Page, demo: Any) -> None:
    address, said = demo
    sign_in(page, address, said["super"])
    page.goto(f"{address}/admin/accounts/apikey/add/")
    page.fill("#id_name", "Bridge")
    page.click("text=Add another Account that the key may act for")
    for row in ("0", "1"):
        page.click(f"#id_accounts-{row}-account + .select2 .select2-selection")
        options = page.locator(".select2-results__option[role=option]:not(.loading-results)")
        options.first.wait_for()
        options.nth(int(row)).click()
    page.click("[name=_save]")
    assert page.input_value("#new-api-key").startswith("aes_")
    page.click("text=Go on to Bridge")
    page.wait_for_selector("#id_accounts-1-account + .select2", state="attached")
    chosen = {page.input_value(f"#id_accounts-{row}-account") for row in (0, 1)}
    assert len(chosen - {""}) == 2
