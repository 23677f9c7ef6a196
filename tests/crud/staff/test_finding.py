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
