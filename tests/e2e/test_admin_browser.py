"""The admin in a real browser: sign in, look for something, change it, read its history, make a key."""

from __future__ import annotations

import base64
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
DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


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


def test_a_phone_in_the_dark(page: Page, demo: Any) -> None:
    """Dashboard, upload with preview, and a badge that is drawn as it is edited; nothing is wider than the screen."""
    address, said = demo
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    ours = said["accounts"][0]
    page.goto(f"{address}/admin/")
    page.focus("#id_username")
    page.keyboard.type(ours["users"]["administrator"]["username"])
    page.keyboard.press("Tab")
    page.keyboard.type(ours["users"]["administrator"]["password"])
    page.keyboard.press("Enter")
    page.wait_for_selector("#dashboard canvas")
    assert fits(page)

    page.goto(f"{address}/admin/files/hostedfile/upload/")
    page.set_input_files("#id_file", {"name": "dot.gif", "mimeType": "image/gif", "buffer": DOT})
    page.click("#upload_form button[type=submit]")
    page.wait_for_function("document.querySelector('img[alt=\"dot.gif\"]')?.naturalWidth === 1")
    assert fits(page)

    page.goto(f"{address}/admin/events/eventbadgetemplate/")
    page.click("#result_list tbody th a")
    page.wait_for_function("document.getElementById('badge-preview')?.naturalWidth > 100")
    before = page.get_attribute("#badge-preview", "src")
    page.fill("#id_layout_json", '[{"type": "text", "text": "Hello", "x": 5, "y": 5}]')
    page.wait_for_function("before => document.getElementById('badge-preview').src !== before", arg=before)
    page.fill("#id_layout_json", "[{")
    page.wait_for_selector("text=The layout is not JSON yet.")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_documentation_tries_requests_out(page: Page, demo: Any) -> None:
    """The key and the account are filled in once; the examples find objects that are there."""
    address, said = demo
    ours = said["accounts"][0]
    page.goto(f"{address}/docs")
    page.fill("#docs-key", ours["api_keys"]["administrator"])
    page.fill("#docs-account", ours["id"])
    page.click("#operations-tag-event_session")
    for operation, status in (("list_event_session", 200), ("create_event_session", 201), ("read_event_session", 200)):
        block = page.locator(f"#operations-event_session-{operation}")
        block.locator(".opblock-summary-control").click()
        block.locator(".try-out__btn").click()
        block.locator(".execute").click()
        answered = block.locator(".live-responses-table tbody .response-col_status").first
        assert answered.inner_text().split()[0] == str(status)
