"""Presenters get their link by mail, and a word before the deadline while a file is missing."""

from __future__ import annotations

from typing import Any

import pytest

from events.tasks import remind_presenters
from events.upload_links import PREFIX
from mail.kinds import Lapsed
from mail.models import MailMessage
from mail.rendering import render
from tenancy.context import tenant
from tests.conftest import Caller, Party
from tests.events.rooms import at_once
from tests.events.test_slots import Talk

pytestmark = pytest.mark.usefixtures("own_store")


class Mailing(Talk):
    """Of a talk that begins on 1 May at 15:00 UTC, with ada and grace."""

    def send_links(self, body: Any, caller: Caller | None = None) -> Any:
        return (caller or self.party.administrator).post(f"/v3/action/event/{self.event}/upload_links", body)

    def mails(self, kind: str) -> list[MailMessage]:
        with tenant(self.party.account.pk):
            return list(MailMessage.objects.filter(kind=kind).order_by("pk"))

    def text(self, mail: MailMessage) -> str:
        at_once()
        with tenant(self.party.account.pk):
            return render(mail, None).text

    def reminded(self) -> list[str]:
        """Whom the next round reminds, and the one after it no more."""
        at_once()
        before = len(self.mails("upload_reminder"))
        remind_presenters()
        remind_presenters()
        return [mail.to for mail in self.mails("upload_reminder")[before:]]


@pytest.fixture
def talk(north: Party, time_machine: Any) -> Mailing:
    time_machine.move_to("2026-04-20T12:00:00Z", tick=False)
    return Mailing(north)


def test_links_go_out_by_mail(talk: Mailing, south: Party) -> None:
    assert talk.send_links({"send": False}).data[0]["mailed_on"] is None
    assert talk.mails("upload_link") == []
    make = talk.party.manager.create
    silent = make("event_presenter", event_presentation_id=talk.id, given_name="silent")["id"]
    rows = {row["event_presenter_id"]: row for row in talk.send_links({"send": True}).data}
    assert [rows[one]["mailed_on"] for one in (*talk.presenters, silent)] == [*["2026-04-20T12:00:00Z"] * 2, None]
    ada, grace = talk.mails("upload_link")
    assert (ada.to, grace.to) == ("ada@x.org", "grace@x.org")
    text = talk.text(ada)
    assert rows[talk.presenters[0]]["url"] in text
    assert "Valves, until 2026-05-01 17:00 (Europe/Berlin)" in text
    assert rows[talk.presenters[1]]["token"] not in text
    assert PREFIX not in f"{ada.values_json} {ada.subject} {ada.cause}"
    assert talk.send_links({"send": True}).status == 200
    assert len(talk.mails("upload_link")) == 2
    for body in ({"send": 1}, {"send": "yes"}, {"send": None}, {"mail": True}):
        assert talk.send_links(body).error == ("validation", 400), body
    for caller in (talk.party.member, talk.party.guest, south.manager):
        assert talk.send_links({"send": True}, caller).error == ("permission", 403)
    row = f"/v3/crud/event_presenter/{talk.presenters[0]}"
    assert "upload_link_mailed_on" not in talk.party.member.get(row).data
    assert talk.party.administrator.get(row).data["upload_link_mailed_on"] == "2026-04-20T12:00:00Z"


def test_a_mail_lapses_with_its_link(talk: Mailing, time_machine: Any) -> None:
    talk.send_links({"send": True})
    ada, grace = talk.mails("upload_link")
    assert talk.party.administrator.delete(f"/v3/action/event_presenter/{talk.presenters[0]}/upload_link").status == 200
    with pytest.raises(Lapsed, match="revoked"):
        talk.text(ada)
    assert "/upload/" in talk.text(grace)
    time_machine.move_to("2026-05-01T15:00:01Z", tick=False)
    with pytest.raises(Lapsed, match="deadline"):
        talk.text(grace)


def test_who_misses_a_file_is_reminded(talk: Mailing, time_machine: Any) -> None:
    talk.send_links({})
    time_machine.move_to("2026-04-30T16:00:00Z", tick=False)
    assert talk.reminded() == []  # by mail nobody got a link
    time_machine.move_to("2026-04-27T12:00:00Z", tick=False)
    talk.send_links({"send": True})
    assert talk.reminded() == []
    time_machine.move_to("2026-04-28T16:00:00Z", tick=False)
    assert talk.reminded() == ["ada@x.org", "grace@x.org"]
    (mail, _) = talk.mails("upload_reminder")
    assert "Valves, until 2026-05-01 17:00 (Europe/Berlin)" in talk.text(mail)
    made = talk.put()["id"]
    with pytest.raises(Lapsed, match="Nothing is missing"):
        talk.text(mail)
    time_machine.move_to("2026-04-30T16:00:00Z", tick=False)
    assert talk.reminded() == []
    talk.decide(made, "reject", {"reason": "No film"})
    assert talk.reminded() == ["ada@x.org", "grace@x.org"]
    time_machine.move_to("2026-05-01T15:00:01Z", tick=False)
    assert talk.reminded() == []


def test_one_person_is_reminded_once(talk: Mailing, south: Party, time_machine: Any) -> None:
    """Of all own talks, at whichever row's address; and nobody of a hidden event."""
    make = talk.party.manager.create
    person = make("person", given_name="Eve")["id"]
    second = make("event_presentation", event_session_id=talk.session, name="Pumps")["id"]
    make("event_presenter", event_presentation_id=talk.id, person_id=person, given_name="Eve")
    make("event_presenter", event_presentation_id=second, person_id=person, given_name="Eve", email="eve@x.org")
    talk.put()
    other = Mailing(south)
    for one in (talk, other):
        one.send_links({"send": True})
    assert [mail.to for mail in talk.mails("upload_link")] == ["ada@x.org", "grace@x.org", "eve@x.org"]
    assert talk.party.manager.delete(f"/v3/crud/event/{other.event}?method=hide").status == 403
    assert south.manager.delete(f"/v3/crud/event/{other.event}?method=hide").status == 200
    time_machine.move_to("2026-04-30T16:00:00Z", tick=False)
    assert talk.reminded() == ["eve@x.org"]
    text = talk.text(talk.mails("upload_reminder")[0])
    assert "Pumps" in text
    assert "Valves" not in text
    assert other.mails("upload_reminder") == []
