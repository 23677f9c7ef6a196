"""What the guide for staff quotes from the pages stands there."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from aether.settings import ROOT
from events.models import Event, EventBadgeTemplate, EventExhibit, EventSession
from files.models import HostedFile
from mail.outbox import Mail, put
from mail.trial import TRIAL
from tenancy.context import tenant
from tests.conftest import Party
from tests.crud.staff.pages import Staff, url

pytestmark = pytest.mark.django_db
GUIDE = (ROOT / "docs/staff_guide.md").read_text()


def pages_of(party: Party) -> list[str]:
    with tenant(party.account.pk):
        event = Event(name="Congress")
        event.save()
        session = EventSession(event=event, name="Opening")
        session.save()
        session.name = "Great opening"
        session.save()
        exhibit = EventExhibit(event=event, name="Booth")
        exhibit.save()
        template = EventBadgeTemplate(event=event, name="Plain", width_mm=86, height_mm=54)
        template.save()
        file = HostedFile(filename="a.pdf", hash_sha256="0" * 64, size=1, content_type="application/pdf")
        file.save()
        put(TRIAL, party.account, [Mail("ada@example.org", "one")])
    return [
        *(
            "/admin/",
            url("event_session"),
            url("event_session", "add"),
            "/admin/events/eventsession/import/",
            url("event_file", "add"),
        ),
        *(url("event_session", "change", session.pk), url("event_session", "history", session.pk)),
        *(url("event_badge_template", "change", template.pk),),
        *(url("hosted_file"), "/admin/files/hostedfile/upload/", url("hosted_file", "change", file.pk)),
        *("/admin/accounts/apikey/", "/admin/lookups/country/"),
        *(
            f"/admin/desk/{event.id_random}/{page}"
            for page in ("", "timetable/", "badges/", "files/", "leads/", f"leads/{exhibit.id_random}/", "import/")
        ),
        *("/admin/accounts/user/", "/admin/accounts/user/invite/", "/admin/sessions/"),
        f"/admin/accounts/user/{party.users['user'].pk}/change/",
        *("/admin/mail/mailmessage/", "/admin/mail/mailsender/add/", "/admin/mail/mailtemplate/add/"),
    ]


def words(response: Any) -> str:
    text = re.sub(r'(?:aria-label|title|placeholder|value)="([^"]*)"', r">\1<", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_every_name_in_bold_is_on_a_page(north: Party) -> None:
    manager = Staff(north.users["manager"])
    said = words(manager.client.get("/admin/login/"))
    manager.sign_in()
    said += " ".join(words(manager.get(page)) for page in pages_of(north))
    said += (ROOT / "crud/static/crud/admin.js").read_text()
    quoted = {" ".join(name.split()) for name in re.findall(r"\*\*(.+?)\*\*", GUIDE, re.DOTALL)} - {"bold"}
    assert len(quoted) > 40
    missing = {name for name in quoted if name.lower() not in said.lower()}
    assert missing == set()
