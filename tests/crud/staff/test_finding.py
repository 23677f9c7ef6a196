"""The admin's search finds what the API's `q` finds, or an id."""

from __future__ import annotations

import pytest

from tests.conftest import Party
from tests.crud.staff.pages import Staff, url

NAMES = {
    "Übung Großmann": ("ubung", "GROSSMANN", "übung gro"),
    "東京大学": ("大学",),
    "100%_a": ("100%",),
    "R&D": ("r&d",),
}


@pytest.mark.django_db(transaction=True)
def test_a_list_is_searched_as_the_api_does(north: Party, south: Party) -> None:
    ids = {name: north.administrator.create("archive", name=name)["id"] for name in NAMES}
    for name in NAMES:
        south.administrator.create("archive", name=name)
    staff = Staff(north.users["manager"], frozenset()).sign_in()
    for name, questions in NAMES.items():
        for q in (*questions, name, ids[name], f" {ids[name]} "):
            page = staff.get(url("archive"), {"q": q}).content.decode()
            assert [public_id for public_id in ids.values() if public_id in page] == [ids[name]], q
    everything = staff.get(url("archive"), {"q": " "}).content.decode()
    assert all(public_id in everything for public_id in ids.values())
    for nothing in ("zzz", "%", "_", "bung"):
        page = staff.get(url("archive"), {"q": nothing}).content.decode()
        assert not [public_id for public_id in ids.values() if public_id in page], nothing


@pytest.mark.django_db(transaction=True)
def test_the_sessions_of_an_event_are_listed_by_their_start(north: Party, south: Party) -> None:
    caller = north.administrator
    event = caller.create("event", name="Congress")["id"]
    days = {"S-2": "2026-05-02T09:00:00Z", "S-1": "2026-05-01T09:00:00Z", "S-3": "2026-05-03T09:00:00Z"}
    for code, start in days.items():
        caller.create("event_session", name="Session", code=code, event_id=event, start_datetime=start)
    staff = Staff(north.users["manager"], frozenset()).sign_in()
    listed = staff.get(url("event_session"), {"in_event": event}).context["cl"]
    assert [row.code for row in listed.result_list] == sorted(days)
    assert "code" in listed.list_display
    everything = staff.get(url("event_session")).context["cl"]
    assert [row.code for row in everything.result_list] == ["S-3", "S-1", "S-2"]  # the last change first
    stranger = Staff(south.users["manager"], frozenset()).sign_in()
    assert not stranger.get(url("event_session"), {"in_event": event}).context["cl"].result_list
