"""examples/lead_scanner: sign in by a card, scan with the network off and the page loaded anew, from two devices."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import barriers, too_wide

pytestmark = pytest.mark.timeout(300)
QUESTIONS = [
    {"code": "budget", "label": "Budget", "type": "choice", "options": ["small", {"code": "big", "label": "Large"}]},
    {"code": "when", "label": "When", "type": "text", "show_if": {"code": "budget", "answer": "big"}},
]


class Booth:
    """An exhibit of the demo with two questions, and badges to scan; by its manager, over the API."""

    def __init__(self, page: Page, demo: Any) -> None:
        self.page, (self.address, told) = page, demo
        self.account = told["accounts"][0]
        self.headers = {
            "x-aether-api-key": self.account["api_keys"]["manager"],
            "x-account-id": self.account["id"],
        }
        event = self.account["samples"]["event"]
        self.id = self.ask("POST", "/v3/crud/event_exhibit/", {
            "event_id": event, "name": "Scanned here", "leads_questions_json": QUESTIONS,
        })["id"]  # fmt: skip
        cards = self.ask("POST", f"/v3/action/event_exhibit/{self.id}/passcodes", {"reps": ["Grace", "Bea"]})
        self.passcodes = {card["rep_name"]: card["passcode"] for card in cards}
        badges = self.ask("GET", f"/v3/crud/event/{event}/event_badge/?limit=3&fields=id,badge_token")
        self.codes = [badge["badge_token"] for badge in badges]
        self.badges = {badge["badge_token"]: badge["id"] for badge in badges}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.page.request.fetch(f"{self.address}{path}", method=method, data=body, headers=self.headers)
        assert answer.ok, answer.text()
        return answer.json()["data"]

    def leads(self) -> dict[str, dict[str, Any]]:
        fields = "event_badge_id,captured_by,rating,exhibitor_notes,responses_json"
        rows = self.ask("GET", f"/v3/crud/event_exhibit/{self.id}/tracking/?fields={fields}")
        return {row["event_badge_id"]: row for row in rows}

    def device(self, browser: Browser, examples: str) -> Page:
        """One that is signed in by the card."""
        device = browser.new_page(viewport={"width": 390, "height": 844})
        common = f"api={self.address}&key={self.account['api_keys']['publishable']}&account={self.account['id']}"
        device.goto(f"{examples}/lead_scanner/#{common}")
        self.sign_in(device, "Grace")
        return device

    def sign_in(self, device: Page, rep: str) -> None:
        for name, value in {"exhibit_id": self.id, "passcode": self.passcodes[rep]}.items():
            device.fill(f"[name={name}]", value)
        assert barriers(device) == []
        device.click("#sign-in [type=submit]")
        expect(device.locator("#exhibit")).to_have_text("Scanned here")


def scan(device: Page, code: str, **details: Any) -> None:
    device.fill("#scan [name=code]", code)
    device.press("#scan [name=code]", "Enter")
    expect(device.locator("#details")).to_be_visible()
    if not details:
        device.click("#details-close")
        return
    device.select_option("#details [name=rating]", str(details["rating"]))
    device.fill("#details [name=exhibitor_notes]", details["notes"])
    expect(device.get_by_label("When")).to_be_hidden()
    device.get_by_label("Budget").select_option("big")
    device.get_by_label("When").fill("in June")
    device.click("#details [type=submit]")


def test_a_day_in_a_hall_without_a_network(page: Page, demo: Any, examples: str) -> None:
    booth, browser = Booth(page, demo), page.context.browser
    assert browser is not None
    first, second = booth.device(browser, examples), booth.device(browser, examples)
    first.evaluate("navigator.serviceWorker.ready.then(() => null)")

    first.context.set_offline(True)
    scan(first, booth.codes[0], rating=4, notes="wants a demo")
    assert barriers(first) == []
    assert not too_wide(first)
    first.reload()  # from what it keeps
    expect(first.locator("#counts")).to_have_text("2 of 2 wait to be sent")
    scan(first, booth.codes[1])
    scan(first, "no-such-badge")
    scan(second, booth.codes[0])
    expect(second.locator("#counts")).to_have_text("1, all of them sent")
    assert len(booth.leads()) == 1

    first.context.set_offline(False)
    expect(first.locator("#counts")).to_have_text("4, all of them sent")
    expect(first.locator("li.bad")).to_have_count(1)
    leads = booth.leads()
    assert len(leads) == 2
    (rated,) = [lead for lead in leads.values() if lead["rating"]]
    assert (rated["rating"], rated["captured_by"]) == (4, "Grace")
    assert "wants a demo" in rated["exhibitor_notes"]
    assert rated["responses_json"] == {"budget": "big", "when": "in June"}

    # Grace hands the device to Bea while a scan waits: it is shown, and sent as Grace's
    first.context.set_offline(True)
    scan(first, booth.codes[2])
    first.once("dialog", lambda dialog: dialog.accept())
    first.click("#sign-out")
    expect(first.locator("#elsewhere")).to_have_text("Scanned here: 1 wait to be sent")
    first.route("**/scan", lambda route: route.abort())
    first.context.set_offline(False)
    booth.sign_in(first, "Bea")
    expect(first.locator("#counts")).to_have_text("1 of 5 wait to be sent")
    scan(first, booth.codes[1])
    first.unroute("**/scan")
    first.evaluate("dispatchEvent(new Event('online'))")
    expect(first.locator("#counts")).to_have_text("6, all of them sent")
    expect(first.locator("#state")).to_have_text("Signed in as Bea")
    assert booth.leads().keys() - leads.keys() == {booth.badges[booth.codes[2]]}
    assert booth.leads()[booth.badges[booth.codes[2]]]["captured_by"] == "Grace"

    # the device's clock is set an hour ahead: the server is asked for the time before the next scan is sent
    first.evaluate(
        """() => { const now = Date.now; Date.now = () => now() + 3_600_000; dispatchEvent(new Event('online')); }"""
    )
    first.wait_for_function("""() => new Promise((resolve) => {
        indexedDB.open('lead-scanner').onsuccess = ({ target: { result: db } }) => {
            const asked = db.transaction('session').objectStore('session').get('it');
            asked.onsuccess = () => { db.close(); resolve(Math.abs(asked.result.ahead - 3_600) < 60); };
        };
    })""")
