"""The board of rooms, and a room's clock and sign, in a browser; the latter two with the network gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import barriers, sign_in, too_wide

pytestmark = pytest.mark.timeout(300)


class Desk:
    """Somebody who prepares a room of the demo's main event by the API."""

    def __init__(self, page: Page, demo: Any) -> None:
        self.page, (self.address, told) = page, demo
        self.account = told["accounts"][0]
        self.event = self.account["samples"]["event"]
        self.key = {"x-aether-api-key": self.account["api_keys"]["administrator"], "x-account-id": self.account["id"]}
        rooms = page.request.get(f"{self.address}/v3/crud/event/{self.event}/event_location/", headers=self.key)
        self.room = rooms.json()["data"][0]["id"]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.page.request.post(f"{self.address}{path}", data=body, headers=self.key)
        assert answer.ok, answer.text()
        return answer.json()["data"]

    def session_soon(self) -> None:
        start = datetime.now(UTC) + timedelta(minutes=30)
        times = {"start_datetime": start.isoformat(), "end_datetime": (start + timedelta(hours=1)).isoformat()}
        self.post(
            "/v3/crud/event_session/", {"event_id": self.event, "event_location_id": self.room, "name": "Soon"} | times
        )

    def display_token(self) -> str:
        """Of a sign that is enrolled in the room."""
        provision = self.post(
            "/v3/action/event_device/provision", {"event_location_id": self.room, "profile": "signage"}
        )
        machine = {"token": provision["token"], "name": "Door", "platform": "linux", "version": "1"}
        return str(
            self.page.request.post(f"{self.address}/v3/device/enrol", data=machine).json()["data"]["display_token"]
        )


def test_the_board(page: Page, demo: Any) -> None:
    desk = Desk(page, demo)
    desk.session_soon()
    sign_in(page, desk.address, desk.account["users"]["manager"])
    page.goto(f"{desk.address}/board/{desk.event}/")
    expect(page.locator("#sum")).to_contain_text("rooms are ready")
    assert barriers(page) == []
    page.locator(".room button:enabled").first.click()
    expect(page.locator("#files")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 844})
    assert not too_wide(page)


def test_clock_and_sign_go_on_without_a_network(page: Page, demo: Any) -> None:
    desk = Desk(page, demo)
    token = desk.display_token()
    browser = page.context.browser
    assert browser is not None
    wall = browser.new_page(viewport={"width": 390, "height": 844})  # whose complaints of the network are right
    for kind in ("clock", "sign"):
        wall.goto(f"{desk.address}/room/{token}/{kind}")
        expect(wall.locator("h1")).not_to_be_empty()
        assert barriers(wall) == []
        assert not too_wide(wall)
    wall.evaluate("navigator.serviceWorker.ready.then(() => null)")
    wall.reload()  # from now on the page itself is kept
    room = wall.inner_text("h1")
    wall.context.set_offline(True)
    wall.reload()
    expect(wall.locator("h1")).to_have_text(room)
