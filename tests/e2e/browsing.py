"""What tests in a browser do again and again."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page

from aether.settings import ROOT

AXE = ROOT / "tests/e2e/node_modules/axe-core/axe.min.js"
FOCUS_STYLE = """element => {
  const look = () => [element, element.parentElement, element.parentElement.parentElement].map(one => {
    const style = getComputedStyle(one);
    return [style.outlineStyle, style.outlineColor, style.boxShadow, style.borderColor].join();
  }).join();
  const focused = look();
  element.blur();
  const blurred = look();
  element.focus();
  return focused !== blurred;
}"""

BEYOND_THE_SCREEN = """() => [...document.body.querySelectorAll('*')]
  .filter(one => one.getBoundingClientRect().right > window.innerWidth)
  .map(one => `${Math.round(one.getBoundingClientRect().right)} px: ${one.outerHTML.slice(0, 200)}`)
"""


def sign_in(page: Page, address: str, user: dict[str, str]) -> None:
    page.goto(f"{address}/admin/")
    page.fill("#id_username", user["username"])
    page.fill("#id_password", user["password"])
    page.click("[type=submit]")
    page.wait_for_selector("#dashboard")


def wait_until(page: Page, expression: str, arg: Any = None) -> None:
    """Until it is true. Playwright's `wait_for_function` needs eval within the page, which its policy forbids."""
    deadline = time.monotonic() + 90
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"still not: {expression}"
        page.wait_for_timeout(50)


def too_wide(page: Page) -> list[str]:
    """What reaches beyond the screen to the right.

    Until Alpine has begun, pages are cloaked and have no width; until their font is there, icons are words.
    """
    wait_until(page, "!document.querySelector('[x-cloak]')")
    page.evaluate("document.body.scrollWidth && document.fonts.ready.then(() => null)")  # a layout asks for fonts
    if page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
        return []
    return page.evaluate(BEYOND_THE_SCREEN) or [f"something of {page.url}"]


def is_dark(page: Page) -> bool:
    """Whether the page's ground is darker than its text."""
    return page.evaluate("""() => {
      const sum = colour => colour.match(/[0-9.]+/g).slice(0, 3).reduce((all, one) => all + Number(one), 0);
      const ground = getComputedStyle(document.documentElement).backgroundColor;
      return ground !== 'rgba(0, 0, 0, 0)' && sum(ground) < sum(getComputedStyle(document.querySelector('h1, h2, h3')).color);
    }""")


def tab_to(page: Page, selector: str, most: int = 120) -> None:
    """Presses Tab until the focus is there, and can be seen there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert page.evaluate(FOCUS_STYLE, page.evaluate_handle("document.activeElement")), (
                f"{selector}: no focus seen"
            )
            return
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")


def follow(page: Page, selector: str) -> None:
    """Tabs to a link or a button, and waits for the page that Enter leads to."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def barriers(page: Page) -> list[str]:
    """What axe-core finds that keeps people out, of WCAG 2.1 A and AA: "rule: the first element"."""
    assert AXE.exists(), "axe-core is missing; `make test` installs it (npm ci in tests/e2e)"
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())  # a script tag would not pass the policy of every page
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    found = page.evaluate("rules => axe.run(document, rules)", rules)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]
