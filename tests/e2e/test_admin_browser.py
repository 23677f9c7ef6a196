"""The admin in a real browser: sign in, look for something, change it, read its history, make a key."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.browsing import barriers, sign_in, too_wide, wait_until

pytestmark = pytest.mark.timeout(300)

TRIED = (
    *(
        ("event_session", f"{verb}_event_session", status)
        for verb, status in (("list", 200), ("create", 201), ("read", 200))
    ),
    ("hosted_file", "get_hosted_file_download", 200),
    ("mcp", "post_mcp", 200),
)
"""Operations whose ids stand in the path, the body, and the query; and one that wants headers of its own."""
DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


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
    page.wait_for_selector("td:has-text('Renamed in the browser')")

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
    assert not too_wide(page)

    page.goto(f"{address}/admin/files/hostedfile/upload/")
    page.set_input_files("#id_file", {"name": "dot.gif", "mimeType": "image/gif", "buffer": DOT})
    page.click("#upload_form button[type=submit]")
    wait_until(page, "document.querySelector('img[alt=\"dot.gif\"]')?.naturalWidth === 1")
    assert not too_wide(page)

    page.goto(f"{address}/admin/events/eventbadgetemplate/")
    page.check("#result_list tbody input[type=checkbox] >> nth=0")
    page.wait_for_selector("select[name=action]")
    assert barriers(page) == []
    page.click("#result_list tbody th a")
    wait_until(page, "document.getElementById('badge-preview')?.naturalWidth > 100")
    before = page.get_attribute("#badge-preview", "src")
    page.fill("#id_layout_json", '[{"type": "text", "text": "Hello", "x": 5, "y": 5}]')
    wait_until(page, "before => document.getElementById('badge-preview').src !== before", arg=before)
    page.fill("#id_layout_json", "[{")
    page.wait_for_selector("text=The layout is not JSON yet.")


def test_the_documentation_tries_requests_out(page: Page, demo: Any) -> None:
    """The key and the account are filled in once; the examples find objects that are there."""
    address, said = demo
    ours = said["accounts"][0]
    page.goto(f"{address}/docs")
    page.fill("#docs-key", ours["api_keys"]["administrator"])
    page.fill("#docs-account", ours["id"])
    for tag, operation, status in TRIED:
        block = page.locator(f"#operations-{tag}-{operation}")
        if not block.is_visible():
            page.click(f"#operations-tag-{tag}")
        block.locator(".opblock-summary-control").click()
        block.locator(".try-out__btn").click()
        block.locator(".execute").click()
        answered = block.locator(".live-responses-table tbody .response-col_status").first
        assert (operation, answered.inner_text().split()[0]) == (operation, str(status))
