"""Badges at the desk: who is found, under which name, what is printed, and that it is counted once."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event, EventBadge, EventBadgeTemplate
from tenancy.context import tenant
from tests.crud.staff.pages import Staff
from tests.desk.conftest import Congress, saved

pytestmark = pytest.mark.django_db
LAYOUT = {"elements": [{"type": "field", "field": "full_name", "x": 5, "y": 5, "size": 14}]}


def template_of(congress: Congress, name: str = "Plain") -> EventBadgeTemplate:
    with tenant(congress.party.account.pk):
        return saved(EventBadgeTemplate(event=congress.event, name=name, layout_json=LAYOUT))


def badge_of(congress: Congress, given: str, family: str, **more: Any) -> EventBadge:
    with tenant(congress.party.account.pk):
        return saved(EventBadge(event=congress.event, given_name=given, family_name=family, **more))


def prints(congress: Congress) -> dict[str, int]:
    with tenant(congress.party.account.pk):
        return dict(EventBadge.objects.order_by("pk").values_list("family_name", "print_count"))


def text_of(answer: Any) -> str:
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.content[:500]
    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def listed(office: Staff, congress: Congress, query: str = "") -> list[str]:
    page = office.get(congress.address(f"badges/{query}"))
    assert page.status_code == 200
    return [str(badge) for badge in page.context["page"]]


@pytest.mark.django_db(transaction=True)  # words are indexed when they are committed
def test_a_person_is_found_by_what_is_printed(office: Staff, congress: Congress) -> None:
    badge_of(congress, "Zoë", "Übung", full_name_override="Dr. Z. Exercise")
    scanned = badge_of(congress, "Max", "Muster", affiliations="Water Institute", print_count=1)
    badge_of(congress, "", "")
    assert listed(office, congress) == ["Badge without a name", "Max Muster", "Dr. Z. Exercise"]
    for query, found in {
        "?q=ubung": ["Dr. Z. Exercise"],
        "?q=exercise": ["Dr. Z. Exercise"],
        "?q=water": ["Max Muster"],
        f"?q={scanned.badge_token}": ["Max Muster"],
        "?q=nobody": [],
        "?state=printed": ["Max Muster"],
        "?state=unprinted": ["Badge without a name", "Dr. Z. Exercise"],
        "?state=x&page=99&q=": ["Badge without a name", "Max Muster", "Dr. Z. Exercise"],
    }.items():
        assert listed(office, congress, query) == found, query
    page = office.get(congress.address("badges/"))
    assert page.context["counts"] == {"all": 3, "printed": 1, "unprinted": 2, "without_template": 3}
    assert str(scanned) == "Max Muster"


def test_what_is_printed_is_counted(office: Staff, congress: Congress) -> None:
    plain, other = template_of(congress), template_of(congress, "Other")
    badges = [
        badge_of(congress, "Given", name, event_badge_template=chosen)
        for name, chosen in (("Anders", plain), ("Berg", None), ("Carl", other))
    ]
    badge_of(congress, "Given", "Done", print_count=2, event_badge_template=plain)
    place = congress.address("badges/print/")

    answer = office.client.post(place, {"template": plain.id_random, "paper": "a4", "all": "1"})
    assert "Anders" in text_of(answer)
    assert "Carl" not in text_of(answer)
    assert prints(congress) == {"Anders": 1, "Berg": 1, "Carl": 0, "Done": 2}
    assert "Counted as printed: 2." in office.get(congress.address("badges/")).content.decode()

    one = office.client.post(place, {"template": plain.id_random, "paper": "badge", "one": badges[2].id_random})
    assert "Carl" in text_of(one)
    chosen = {"template": plain.id_random, "badge": [badge.id_random for badge in badges[:2]]}
    assert "Berg" in text_of(office.client.post(place, chosen))
    assert prints(congress) == {"Anders": 2, "Berg": 2, "Carl": 1, "Done": 2}

    preview = congress.address(f"badges/{badges[0].id_random}/preview/?template={other.id_random}")
    seen = office.client.get(preview)
    assert (seen.headers["Content-Type"], seen.content[:4]) == ("image/png", b"\x89PNG")
    assert prints(congress)["Anders"] == 2


def test_what_can_t_be_printed_counts_nothing(office: Staff, congress: Congress, elsewhere: Congress) -> None:
    plain, theirs = template_of(congress), template_of(elsewhere)
    mine, foreign = badge_of(congress, "Given", "Mine"), badge_of(elsewhere, "Given", "Foreign")
    with tenant(congress.party.account.pk):
        other_event = saved(Event(name="Other"))
        elsewhere_here = saved(EventBadge(event=other_event, given_name="Of", family_name="Another"))
    place = congress.address("badges/print/")
    for given, status in (
        ({"template": plain.id_random}, 400),
        ({"template": plain.id_random, "badge": foreign.id_random}, 403),
        ({"template": plain.id_random, "badge": [mine.id_random, foreign.id_random]}, 403),
        ({"template": plain.id_random, "one": elsewhere_here.id_random}, 404),
        ({"template": plain.id_random, "badge": "\x00"}, 404),
        ({"template": theirs.id_random, "badge": mine.id_random}, 400),
        ({"template": "", "badge": mine.id_random}, 400),
        ({"template": plain.id_random, "badge": mine.id_random, "paper": "a0"}, 400),
    ):
        answer = office.client.post(place, given)
        assert answer.status_code == status, (given, answer.content)
        assert "desk-said bad" in answer.content.decode()
    assert prints(congress) == {"Mine": 0, "Another": 0}
    assert prints(elsewhere) == {"Foreign": 0}
    for badge, status in ((foreign, 403), (elsewhere_here, 404)):
        preview = congress.address(f"badges/{badge.id_random}/preview/?template={plain.id_random}")
        assert office.client.get(preview).status_code == status
    assert office.client.get(congress.address(f"badges/{mine.id_random}/preview/?template=")).json()["problem"]


def test_it_asks_as_often_for_many_badges(office: Staff, congress: Congress) -> None:
    plain = template_of(congress)
    badge_of(congress, "Given", "First", event_badge_template=plain)

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            listed(office, congress)
        return len(caught)

    asked()  # begins the session of the admin
    few = asked()
    with tenant(congress.party.account.pk):
        EventBadge.objects.bulk_create(
            [EventBadge(event=congress.event, family_name=f"N{n}", event_badge_template=plain) for n in range(60)]
        )
    assert asked() == few
