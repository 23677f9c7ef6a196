"""Public ids: their shape, and that they are told apart by every character of theirs."""

from __future__ import annotations

import re

import pytest

from content.models import Journal, JournalEntry
from kernel.ids import RESERVED, is_id, new_id
from tenancy.context import tenant
from tests.conftest import Party


def test_new_ids_are_eleven_characters_and_differ() -> None:
    ids = {new_id() for _ in range(2_000)}
    assert len(ids) == 2_000
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{10}", public_id) for public_id in ids)
    assert {c for public_id in ids for c in public_id} >= set("azAZ09_-")


@pytest.mark.parametrize("value", ["OGQK-02-04-94", "a", "A" * 22, "12345678901", "-_-"])
def test_ids(value: str) -> None:
    assert is_id(value)


@pytest.mark.parametrize(
    "value", ["", "A" * 23, "a b", "a.b", "ä", "a\n", "a\x00", "%", "１２３", 1, 1.0, True, None, [], b"a"]
)
def test_no_ids(value: object) -> None:
    assert not is_id(value)


def made(party: Party, public_id: str, name: str) -> Journal:
    with tenant(party.account.pk):
        row = Journal(id_random=public_id, name=name)
        row.save()
    return row


CASES = ["nqOzejLCDXM", "NQOZEJLCDXM", "nqozejlcdxm"]


def test_ids_that_differ_in_case_only_are_different_rows(north: Party) -> None:
    for public_id in CASES:
        made(north, public_id, f"journal {public_id}")
    caller = north.administrator
    for public_id in CASES:
        assert caller.get(f"/v3/crud/journal/{public_id}").data["name"] == f"journal {public_id}"
        assert caller.search("journal", {"and": [{"field": "id", "op": "eq", "value": public_id}]}).ids == [public_id]
        assert caller.get(f"/v3/crud/journal/?id={public_id}").ids == [public_id]
        caller.create("journal_entry", journal_id=public_id, name=public_id)
        assert [row["name"] for row in caller.get(f"/v3/crud/journal/{public_id}/entry/").data] == [public_id]
        by_reference = {"and": [{"field": "journal_id", "op": "in", "value": [public_id]}]}
        assert [row["name"] for row in caller.search("journal_entry", by_reference).data] == [public_id]
        listed = caller.get(f"/v3/crud/journal_entry/?for_obj_type=journal&for_obj_id={public_id}")
        assert [row["name"] for row in listed.data] == [public_id]
    caller.patch(f"/v3/crud/journal/{CASES[0]}", {"name": "changed"})
    assert caller.delete(f"/v3/crud/journal/{CASES[1]}").status == 200
    assert caller.get(f"/v3/crud/journal/{CASES[2]}").data["name"] == f"journal {CASES[2]}"
    assert caller.get("/v3/crud/journal/nQozejlcdxm").status == 404
    assert [entry["changes"]["name"] for entry in caller.get(f"/v3/crud/journal/{CASES[2]}/history").data] == [
        [None, f"journal {CASES[2]}"]
    ]


def test_ids_are_not_padded(north: Party) -> None:
    made(north, "abc", "x")
    caller = north.member
    for value in ("abc ", " abc", "abc\t", "abc%", "ab_", "abc\u200d", "ábc"):
        assert caller.search("journal", {"and": [{"field": "id", "op": "eq", "value": value}]}).data == []
    assert caller.get("/v3/crud/journal/abc%20").status == 404
    assert caller.get("/v3/crud/journal/abc").status == 200


def test_imported_ids_are_kept_and_work_everywhere(north: Party) -> None:
    made(north, "OGQK-02-04-94", "imported")
    caller = north.member
    entry = caller.post("/v3/crud/journal/OGQK-02-04-94/entry/", {"name": "e"})
    assert entry.data["journal_id"] == "OGQK-02-04-94"
    with tenant(north.account.pk):
        JournalEntry.objects.filter(id_random=entry.data["id"]).update(id_random="-A_" + "x" * 19)
    path = "/v3/crud/journal/OGQK-02-04-94/journal_entry/-A_" + "x" * 19
    assert caller.get(path).data["name"] == "e"
    assert caller.patch(path, {"name": "f"}).data["name"] == "f"
    assert caller.delete(path).status == 200


def test_integers_are_never_ids(north: Party) -> None:
    row = made(north, "abc", "x")
    caller = north.member
    for key in (row.pk, 0, -1, 2**63, True, False, 1.0, {"id": row.pk}, [row.pk]):
        answer = caller.search("journal", {"and": [{"field": "id", "op": "eq", "value": key}]})
        assert answer.status == 400 if isinstance(key, bool | float | dict | list) else answer.data == []
        refused = caller.post("/v3/crud/journal_entry/", {"journal_id": key, "name": "e"})
        assert (refused.status, refused.error) == (400, ("database_constraint", 1452))
    assert caller.get(f"/v3/crud/journal/{row.pk}").status == 404
    assert caller.get(f"/v3/crud/journal/?id={row.pk}").data == []
    assert caller.get(f"/v3/crud/journal/{row.pk}/entry/").status == 404
    assert caller.get("/v3/crud/journal_entry/").data == []


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_words_of_paths_are_no_ids(word: str, north: Party) -> None:
    assert north.administrator.delete(f"/v3/crud/journal/{word}").status in (404, 405)
    assert north.administrator.patch(f"/v3/crud/journal/{word}", {"name": "x"}).status in (404, 405)


def test_no_answer_holds_an_integer_id_or_the_name_of_its_column(north: Party) -> None:
    entry = north.member.create("journal_entry", journal_id=made(north, "abc", "x").id_random, name="e")
    for answer in (
        north.member.get(f"/v3/crud/journal_entry/{entry['id']}?view=enriched&inc_journal=true&inc_account=true"),
        north.administrator.get(f"/v3/crud/journal_entry/{entry['id']}/history"),
    ):
        text = answer.raw.content.decode()
        assert "_random" not in text
        assert '"pk"' not in text
        assert str(north.account.pk) not in re.findall(r'_id":(\d+)', text)
