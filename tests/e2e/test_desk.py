"""An event's desk in a browser: each page's work done by mouse, by keyboard and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import barriers, sign_in, too_wide, wait_until

pytestmark = pytest.mark.timeout(300)


def desk(page: Page, demo: Any, name: str) -> str:
    """Opens a page of the demo's main event, as its manager; answers its address."""
    address, said = demo
    ours = said["accounts"][0]
    sign_in(page, address, ours["users"]["manager"])
    place = f"{address}/admin/desk/{ours['samples']['event']}/{name}"
    page.goto(place)
    return place


def on_a_phone_in_the_dark(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert not too_wide(page)
    assert barriers(page) == []


def times_of(page: Page, session: str) -> str:
    return page.locator(f".session[data-id='{session}']").inner_text()


def test_sessions_are_moved(page: Page, demo: Any) -> None:
    """By the mouse to another hour, by keyboard to another room, by the form off the timetable; all of it is kept."""
    desk(page, demo, "timetable/")
    unplaced = int(page.inner_text("#tray-count"))
    first = page.locator(".timetable .session").first
    session = first.get_attribute("data-id") or ""
    first.scroll_into_view_if_needed()
    box, before = first.bounding_box(), times_of(page, session)
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 44, box["y"] + 60, steps=4)
    page.mouse.move(box["x"] + 40, box["y"] + 20 + 72, steps=4)  # an hour
    page.mouse.up()
    page.wait_for_selector("#said:has-text('is saved')")
    assert times_of(page, session) != before
    expect(page.locator("#place")).to_be_hidden()

    room = page.locator(f".slots:has(.session[data-id='{session}'])").get_attribute("data-room")
    page.focus(f".session[data-id='{session}']")
    page.keyboard.press("Space")
    page.wait_for_selector("#said:has-text('Lifted')")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_selector("#said:has-text('is saved')")
    assert page.locator(f".slots:has(.session[data-id='{session}'])").get_attribute("data-room") != room
    kept = times_of(page, session)
    page.reload()
    page.wait_for_selector(f".session[data-id='{session}']")
    assert times_of(page, session) == kept

    page.focus(f".session[data-id='{session}']")
    page.keyboard.press("Enter")
    expect(page.locator("#place")).to_be_visible()
    assert barriers(page) == []
    page.click("#place-unplace")
    expect(page.locator(f"#tray .session[data-id='{session}']")).to_be_focused()
    expect(page.locator("#tray-count")).to_have_text(str(unplaced + 1))
    on_a_phone_in_the_dark(page)


def test_badges_are_found_and_printed(page: Page, demo: Any) -> None:
    desk(page, demo, "badges/?state=unprinted")
    waiting = int(page.inner_text(".desk-chips li:has-text('not yet')").split()[0])
    name = page.inner_text("#print tbody tr:first-child td:nth-child(2)")
    page.fill("#find [name=q]", name)
    page.press("#find [name=q]", "Enter")
    page.wait_for_selector(f"#print tbody td:has-text('{name}')")
    page.click("#print .preview >> nth=0")
    wait_until(page, "document.getElementById('preview-image').naturalWidth > 100")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    page.focus("#print tbody input[type=checkbox]")
    page.keyboard.press("Space")
    with page.context.expect_event("response", lambda answer: answer.request.method == "POST") as printed:
        page.click("#print button:has-text('Print selected (1)')")
    assert printed.value.header_value("content-type") == "application/pdf"
    page.goto(page.url)
    page.wait_for_selector("text=Counted as printed: 1.")
    assert f"{waiting - 1} not yet" in page.inner_text(".desk-chips")
    on_a_phone_in_the_dark(page)


DROP = """([selector, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: 'application/pdf' }));
  const place = document.querySelector(selector);
  for (const kind of ['dragover', 'drop']) {
    place.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


def test_a_deck_is_dropped_on_its_talk(page: Page, demo: Any) -> None:
    desk(page, demo, "files/?day=all&state=missing")
    missing = int(page.inner_text("#missing-count"))
    page.goto(page.url.replace("&state=missing", ""))
    place = page.locator(".desk-drop:has(.is-missing)").first.get_attribute("id")
    page.evaluate(DROP, [f"#{place}", "slides.pdf", "%PDF-1.7 one"])
    page.wait_for_selector("#said:has-text('“slides.pdf” is here.')")
    expect(page.locator(f"#{place} .desk-state")).to_have_text("here")
    assert page.inner_text("#missing-count") == str(missing - 1)
    with page.expect_file_chooser() as chooser:
        page.focus(f"#{place} li [data-replaces]")
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "better.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 two"})
    page.wait_for_selector("#said:has-text('“better.pdf” is here.')")
    assert page.locator(f"#{place} .desk-file").all_inner_texts() == ["better.pdf"]
    on_a_phone_in_the_dark(page)


def test_leads_and_what_an_exhibitor_may_do(page: Page, demo: Any) -> None:
    desk(page, demo, "leads/")
    page.click(".desk-table tbody a >> nth=0")
    page.wait_for_selector("text=Leads by hour")
    shared = page.is_checked("[name=leads_api_access]")
    page.focus("[name=leads_api_access]")
    page.keyboard.press("Space")
    page.fill("[name=passcode]", "kestrel-42-otter")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=is saved.")
    assert page.is_checked("[name=leads_api_access]") is not shared
    assert "One is set." in page.inner_text("#passcode-help")
    with page.expect_download() as download:
        page.click("a:has-text('Leads as CSV')")
    assert download.value.suggested_filename.endswith(".csv")
    on_a_phone_in_the_dark(page)


def test_a_programme_is_imported(page: Page, demo: Any) -> None:
    """Headings that nobody has named, one of them chosen by hand."""
    desk(page, demo, "import/")
    text = "Title,Room,Begin,Ende\nTyped at the desk,Juniper Room,2026-09-16T19:00,2026-09-16T20:00\n"
    page.set_input_files(
        "[name=file][type=file]", {"name": "plan.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.click("#send [type=submit]")
    page.wait_for_selector("text=There is no such field")
    page.select_option("#wizard select[aria-labelledby=h-3]", "end_datetime")
    page.click("#wizard [name=preview]")
    page.wait_for_selector("text=2026-09-16 19:00 MDT")
    on_a_phone_in_the_dark(page)
    page.focus("#wizard [name=import]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("text=Created: 1.")
