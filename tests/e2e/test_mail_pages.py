"""The pages about mail in a browser: a link's token finds its form, and a mail is shown while it is worded."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.browsing import barriers, sign_in, too_wide, wait_until

pytestmark = pytest.mark.timeout(300)


def test_a_link_of_a_mail_and_the_words_of_one(page: Page, demo: Any) -> None:
    address, said = demo
    page.goto(f"{address}/admin/")
    page.click("text=Forgotten your password or username?")
    page.fill("#id_email", "nobody@example.org")
    assert barriers(page) == []
    page.click("text=Send me a link")
    page.wait_for_selector("text=a mail with a link is on its way")

    page.goto(f"{address}/admin/set_password/#token=of.the.mail")
    wait_until(page, "document.querySelector('[name=token]').type === 'hidden'")
    assert page.input_value("[name=token]") == "of.the.mail"
    assert page.evaluate("location.hash") == ""
    for name in ("password", "again"):
        page.fill(f"#id_{name}", "seven green bottles")
    assert barriers(page) == []
    page.click("text=Save")
    page.wait_for_selector("text=This link is not good any more")

    sign_in(page, address, said["accounts"][0]["users"]["manager"])
    page.goto(f"{address}/admin/mail/mailtemplate/add/?kind=invitation")
    mail = page.frame_locator("#mail-preview")
    mail.locator("text=Subject: You are invited to").wait_for()
    page.select_option("#id_kind", "magic_link")
    mail.locator("text=Subject: Sign in to").wait_for()
    page.select_option("#id_kind", "invitation")
    mail.locator("text=Subject: You are invited to").wait_for()
    page.fill("#id_subject", "Come to {{ account }}")
    mail.locator("text=Subject: Come to Northlake").wait_for()
    mail.locator("a[href^=https]").wait_for()
    page.fill("#id_text", "{{ password }}")
    mail.locator("text=There is no {{ password }}").wait_for()
    for path in (
        "mail/mailtemplate/add/?kind=invitation",
        "mail/mailsender/add/",
        "accounts/user/invite/",
        "sessions/",
    ):
        page.goto(f"{address}/admin/{path}")
        assert barriers(page) == [], path
        assert too_wide(page) == [], path
