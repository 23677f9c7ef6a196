"""The live preview of a badge template."""

from __future__ import annotations

import json
from typing import Any

import pytest

from events.models import Event, EventBadgeTemplate
from tenancy.context import tenant
from tests.conftest import Party
from tests.crud.staff.pages import Staff

pytestmark = pytest.mark.django_db


def template_of(party: Party) -> EventBadgeTemplate:
    with tenant(party.account.pk):
        event = Event(name="Congress")
        event.save()
        row = EventBadgeTemplate(event=event, name="T", layout_json=[])
        row.save()
        return row


def preview(person: Staff, template: EventBadgeTemplate, **given: Any) -> Any:
    return person.client.post(f"/admin/events/eventbadgetemplate/{template.pk}/preview/", given)


def test_it_shows_what_stands_in_the_form_and_keeps_nothing(north: Party) -> None:
    template, person = template_of(north), Staff(north.users["administrator"]).sign_in()
    page = person.get(f"/admin/events/eventbadgetemplate/{template.pk}/change/").content.decode()
    assert f'data-address="/admin/events/eventbadgetemplate/{template.pk}/preview/"' in page
    assert "badge_preview.js" in page
    element = {"type": "field", "field": "full_name", "x": 1, "y": 1}
    first, second = preview(person, template), preview(person, template, layout_json=json.dumps([element]))
    assert first.json()["image"].startswith("data:image/png;base64,")
    assert first.json() != second.json()
    with tenant(north.account.pk):
        assert EventBadgeTemplate.objects.get(pk=template.pk).layout_json == []


@pytest.mark.parametrize(
    "given",
    [{"layout_json": "["}, {"layout_json": "[1]"}, {"width_mm": "x"}, {"height_mm": "-3"}, {"layout_json": "[" * 9000}],
)
def test_what_can_not_be_drawn_is_said(north: Party, given: dict[str, str]) -> None:
    answer = preview(Staff(north.users["manager"]).sign_in(), template_of(north), **given)
    assert list(answer.json()) == ["problem"]
    assert answer.json()["problem"]


def test_nobody_else_sees_it(north: Party, south: Party) -> None:
    theirs = template_of(south)
    assert preview(Staff(north.users["manager"]).sign_in(), theirs).status_code == 403
    assert preview(Staff(north.users["manager"]), theirs).status_code == 302
