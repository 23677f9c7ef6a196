"""The page behind a presenter's link, as a presenter on a phone has it: sent, broken off, gone on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import barriers, too_wide

pytestmark = pytest.mark.timeout(300)


def asked(demo: Any, method: str, path: str, body: Any = None) -> Any:
    address, said = demo
    ours = said["accounts"][0]
    headers = {"x-aether-api-key": ours["api_keys"]["administrator"], "x-account-id": ours["id"]}
    data = None if body is None else json.dumps(body).encode()
    request = Request(address + path, data, headers | {"content-type": "application/json"}, method=method)
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def test_a_presenter_sends_a_file_and_goes_on_after_a_break(page: Page, demo: Any, tmp_path: Path) -> None:
    presenter = demo[1]["accounts"][0]["samples"]["event_presenter"]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    link = asked(demo, "POST", f"/v3/action/event_presenter/{presenter}/upload_link", {"expires_on": tomorrow})
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(link["url"])
    expect(page.locator("section h2").first).to_be_visible()
    assert barriers(page) == []
    assert too_wide(page) == []
    page.select_option("#language", "de")
    expect(page.locator("h1")).to_have_text("Dateien hochladen")
    page.select_option("#language", "en")

    film = tmp_path / "talk.pdf"
    film.write_bytes(b"%PDF-1.7 " + b"x" * (9 * 2**20))
    offsets: list[str] = []

    def noted(route: Any) -> None:
        """The second part never arrives: the page is closed over it."""
        is_part = route.request.method == "PATCH"
        if is_part:
            offsets.append(route.request.headers["upload-offset"])
        if not (is_part and len(offsets) == 2):
            route.continue_()

    page.route("**/v3/files/tus/*", noted)
    page.locator("input[type=file]").first.set_input_files(film)
    expect(page.locator("progress").first).to_be_visible()
    while len(offsets) < 2:
        page.wait_for_timeout(50)
    page.reload()
    page.locator("input[type=file]").first.set_input_files(film)
    expect(page.locator(".said .good").first).to_have_text("talk.pdf has arrived.", timeout=90_000)
    assert offsets == ["0", "4194304", "4194304", "8388608"]  # it went on where it was
    expect(page.locator(".slot li").first).to_contain_text("talk.pdf")
    assert barriers(page) == []
