"""The admin under its Content-Security-Policy: what Unfold does by Alpine works without eval, and nothing else runs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.browsing import sign_in, wait_until

pytestmark = pytest.mark.timeout(300)


def test_menu_theme_filters_tabs_and_search_work_without_eval(page: Page, demo: Any) -> None:
    """Any refusal by the policy, and any line that Alpine can't read, is a complaint of the page, and fails."""
    address, said = demo
    sign_in(page, address, said["super"])

    menu = page.locator("#nav-sidebar")
    page.click("[x-on\\:click*='sidebarDesktopOpen']")
    menu.wait_for(state="hidden")
    page.reload()
    wait_until(page, "!document.querySelector('[x-cloak]')")
    assert menu.is_hidden()  # it was kept
    page.click("[x-on\\:click*='sidebarDesktopOpen']")
    menu.wait_for(state="visible")

    page.locator("[x-on\\:click=\"switchTheme('dark')\"]").first.dispatch_event("click")
    wait_until(page, "document.documentElement.classList.contains('dark')")

    page.keyboard.press("t")
    page.keyboard.type("session")
    assert page.input_value("[x-ref=searchInput]") == "session"
    page.wait_for_selector("#search-results a")
    page.keyboard.press("Escape")
    assert page.input_value("[x-ref=searchInput]") == ""
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('[x-ref=searchInput]')") is False

    page.goto(f"{address}/admin/events/eventsession/")
    page.click("[x-on\\:click='filterOpen = true']")
    page.locator("#changelist-filter").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator("#changelist-filter").wait_for(state="hidden")


def test_a_schedule_says_what_it_means(page: Page, demo: Any) -> None:
    address, said = demo
    sign_in(page, address, said["super"])
    page.goto(f"{address}/admin/django_celery_beat/periodictask/?q=Back+up")
    page.click("#result_list tbody th a")
    page.wait_for_selector(".field-crontab [role=status]:has-text('At 02:15')")


def test_what_is_written_into_a_page_does_not_run(page: Page, demo: Any) -> None:
    address, said = demo
    sign_in(page, address, said["super"])
    for path in ("/admin/", "/docs"):
        answer = page.request.get(f"{address}{path}")
        scripts = next(p for p in answer.headers["content-security-policy"].split("; ") if p.startswith("script-src"))
        assert "nonce-" in scripts
        for open_door in ("unsafe-inline", "unsafe-eval", "'self'", "*", " data:", " https: "):
            assert open_door not in scripts
        again = page.request.get(f"{address}{path}").headers["content-security-policy"]
        assert again != answer.headers["content-security-policy"]  # a nonce is for once
