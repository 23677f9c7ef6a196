"""The admin without a mouse, and for people who hear it: find, edit, save, upload, import; what axe-core says of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import barriers, follow, is_dark, sign_in, tab_to, too_wide

pytestmark = pytest.mark.timeout(300)

PAGES = {
    "light": ("admin/", "admin/events/eventsession/add/", "admin/accounts/apikey/add/", "docs"),
    "dark": ("admin/events/eventsession/", "admin/events/eventsession/import/", "docs"),
}
CSV = "name,event_id,start_datetime\nTyped in the browser,{event},2026-09-14T09:00\n"


def test_a_day_at_the_keyboard(page: Page, demo: Any) -> None:
    address, said = demo
    ours = said["accounts"][0]
    sign_in(page, address, ours["users"]["manager"])

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.contains(document.getElementById('dashboard'))")

    page.goto(f"{address}/admin/")
    follow(page, "#link-events-eventsession")
    tab_to(page, "#searchbar")
    page.keyboard.type(ours["samples"]["event_session"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("text=1 result")
    tab_to(page, "[role=button][aria-label=Filters]")
    page.keyboard.press("Enter")
    expect(page.locator("text=By enable").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("text=By enable").first).to_be_hidden()
    follow(page, "#result_list tbody th a")

    tab_to(page, "#id_name")
    page.keyboard.press("Control+A")
    page.keyboard.type("Renamed by key")
    tab_to(page, ".field-event_location .select2-selection")
    search = page.locator(".select2-search__field")
    page.keyboard.press("Enter")
    expect(search).to_be_focused()
    page.keyboard.press("Escape")
    expect(search).to_have_count(0)
    page.keyboard.press("Enter")
    expect(search).to_be_focused()
    page.keyboard.type("Juniper")
    page.wait_for_selector(".select2-results__option--highlighted:has-text('Juniper Room')")
    page.keyboard.press("Enter")
    follow(page, "[name=_continue]")
    page.wait_for_selector("text=was changed successfully")
    assert page.input_value("#id_name") == "Renamed by key"
    assert "Juniper Room" in page.inner_text(".field-event_location .select2-selection")


def test_files_come_in_by_key(page: Page, demo: Any) -> None:
    address, said = demo
    ours = said["accounts"][0]
    sign_in(page, address, ours["users"]["manager"])
    page.goto(f"{address}/admin/files/hostedfile/upload/")
    choose(page, "#id_file", "notes.txt", "text/plain", "Bring water.")
    follow(page, "#upload_form [type=submit]")
    page.wait_for_selector("text=notes.txt")

    page.goto(f"{address}/admin/events/eventsession/import/")
    choose(page, "#id_file", "programme.csv", "text/csv", CSV.format(event=ours["samples"]["event"]))
    tab_to(page, "[name=_preview]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=would be made")
    follow(page, "#import-now")
    page.wait_for_selector("text=Created: 1.")


def choose(page: Page, selector: str, name: str, kind: str, text: str) -> None:
    with page.expect_file_chooser() as opened:  # first, as the browser takes its time to listen
        tab_to(page, selector)
        page.keyboard.press("Space")
    opened.value.set_files({"name": name, "mimeType": kind, "buffer": text.encode()})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(page: Page, demo: Any, scheme: Any) -> None:
    """On a screen and in the light as super user; on a phone and in the dark as an account's manager."""
    address, said = demo
    if scheme == "dark":
        page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}/admin/")
    found = {"login": barriers(page)}
    sign_in(page, address, said["super"] if scheme == "light" else said["accounts"][0]["users"]["manager"])
    wide: list[str] = []
    for path in PAGES[scheme]:
        page.goto(f"{address}/{path}")
        if path == "docs":
            page.wait_for_selector(".opblock-tag")
            assert is_dark(page) is (scheme == "dark")
        found[path] = barriers(page)
        wide += [f"{path}: {element}" for element in too_wide(page)]
    assert {path: told for path, told in found.items() if told} == {}
    assert wide == []
