"""The change log: who changed what, when, from what to what, and who may read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from content.models import Journal
from crud.models import ChangeLog
from tenancy.context import every_tenant, tenant
from tests.conftest import Answer, Caller, Party
from tests.crud.examples import Examples


def history(party: Party, type_name: str, public_id: str, query: str = "") -> Any:
    answer = party.administrator.get(f"/v3/crud/{type_name}/{public_id}/history{query}")
    assert answer.status == 200, answer.body
    return answer.data


def test_the_life_of_an_object(north: Party) -> None:
    caller = north.administrator
    before = datetime.now(UTC).isoformat()
    made = caller.post("/v3/crud/journal/", {"name": "x", "sort": 5}, **{"x-request-id": "req-create"})
    path = f"/v3/crud/journal/{made.data['id']}"
    caller.patch(
        path, {"name": "y", "sort": None, "cfg_json": {"a": [1]}, "priority": 1}, **{"x-request-id": "req-patch"}
    )
    caller.patch(path, {"name": "y"})
    north.member.delete(path)
    found = history(north, "journal", made.data["id"])
    assert [entry["action"] for entry in found] == ["updated", "updated", "created"]
    hidden, changed, created = found
    assert created["changes"] == {
        "id": [None, made.data["id"]],
        "account_id": [None, north.id],
        "name": [None, "x"],
        "sort": [None, 5],
        "enable": [None, True],
        "hide": [None, False],
        "priority": [None, False],
    }
    assert changed["changes"] == {
        "name": ["x", "y"],
        "sort": [5, None],
        "cfg_json": [None, {"a": [1]}],
        "priority": [False, True],
    }
    assert hidden["changes"] == {"hide": [False, True]}
    assert (created["request_id"], changed["request_id"]) == ("req-create", "req-patch")
    prefixes = [party.headers["x-aether-api-key"].split("_")[1] for party in (north.member, caller, caller)]
    assert [entry["principal"] for entry in found] == [f"key:{prefix}" for prefix in prefixes]
    for entry in found:
        assert (entry["obj_type"], entry["obj_id"]) == ("journal", made.data["id"])
        assert before[:19] <= entry["created_on"][:19] <= datetime.now(UTC).isoformat()
        assert entry["created_on"].endswith("Z")


def test_references_are_told_by_their_public_ids(north: Party) -> None:
    examples = Examples(north)
    entry, person = examples.one("journal_entry"), examples.one("person")
    other = north.manager.create("person", given_name="Bob")
    path = f"/v3/crud/journal_entry/{entry}"
    north.member.patch(path, {"person_id": other["id"]})
    north.member.patch(path, {"person_id": None})
    changes = [found["changes"] for found in history(north, "journal_entry", entry)]
    assert changes[0] == {"person_id": [other["id"], None]}
    assert changes[1] == {"person_id": [person, other["id"]]}
    assert changes[2]["journal_id"] == [None, examples.one("journal")]
    north.manager.delete(f"/v3/crud/person/{other['id']}?method=delete")
    assert history(north, "journal_entry", entry)[0]["changes"] == {"person_id": [None, None]}


def test_datetimes_are_told_in_utc(north: Party) -> None:
    entry = north.member.create(
        "journal_entry", journal_id=Examples(north).one("journal"), start_datetime="2026-05-01T09:30"
    )
    created = history(north, "journal_entry", entry["id"])[0]
    assert created["changes"]["start_datetime"] == [None, "2026-05-01T15:30:00Z"]


def test_secrets_are_masked(north: Party) -> None:
    examples = Examples(north)
    exhibit = examples.another("event_exhibit", passcode="first secret")
    north.manager.patch(f"/v3/crud/event_exhibit/{exhibit}", {"passcode": "second secret"})
    north.manager.patch(f"/v3/crud/event_exhibit/{exhibit}", {"passcode": None})
    found = history(north, "event_exhibit", exhibit)
    assert [entry["changes"]["passcode"] for entry in found] == [["***", None], ["***", "***"], [None, "***"]]
    user = examples.one("user")
    north.manager.patch(f"/v3/crud/user/{user}", {"password": "another long password"})
    entries = north.manager.get(f"/v3/crud/user/{user}/history").data
    assert [entry["changes"]["password"] for entry in entries] == [["***", "***"], [None, "***"]]
    site = north.site.id_random
    north.manager.patch(f"/v3/crud/site/{site}", {"passcodes": {"manager": "let me in"}})
    assert history(north, "site", site)[0]["changes"]["passcodes"][1] == "***"
    with every_tenant(reason="look at all that was logged"):
        logged = "".join(map(str, ChangeLog.objects.values_list("changes_json", flat=True)))
    for secret in ("first secret", "second secret", "another long", "let me in", "md5$", "scrypt"):
        assert secret not in logged


def test_what_the_reader_may_not_read_is_left_out(north: Party) -> None:
    """`super` of a user is for super users to see."""
    user = Examples(north).one("user")
    created = north.manager.get(f"/v3/crud/user/{user}/history").data[0]
    assert "manager" in created["changes"]
    assert "super" not in created["changes"]


def test_who_may_read_it(north: Party, south: Party) -> None:
    journal = north.member.create("journal", name="x")["id"]
    path = f"/v3/crud/journal/{journal}/history"
    answers: list[tuple[Answer, int]] = [
        (north.manager.get(path), 200),
        (north.administrator.get(path), 200),
        (north.administrator("HEAD", path), 200),
        (north.member.get(path), 403),
        (north.guest.get(path), 403),
        (south.manager.get(path), 403),
        (north.administrator.get("/v3/crud/journal/AAAAAAAAAAA/history"), 404),
        (north.administrator.get(f"/v3/crud/user/{north.users['user'].id_random}/history"), 403),
        (north.administrator.post(path, {}), 405),
        (north.administrator.delete(path), 405),
    ]
    assert [answer.status for answer, _ in answers] == [status for _, status in answers]


def test_below_a_parent_each_link_is_checked(north: Party) -> None:
    ours, other = (north.member.create("journal", name=name)["id"] for name in ("ours", "other"))
    entry = north.member.create("journal_entry", journal_id=ours)["id"]
    assert len(north.administrator.get(f"/v3/crud/journal/{ours}/entry/{entry}/history").data) == 1
    for parent in (other, "AAAAAAAAAAA"):
        assert north.administrator.get(f"/v3/crud/journal/{parent}/entry/{entry}/history").status == 404


def test_it_is_read_in_pages(north: Party) -> None:
    journal = north.member.create("journal", name="x")["id"]
    for number in range(5):
        north.member.patch(f"/v3/crud/journal/{journal}", {"sort": number})
    whole = history(north, "journal", journal)
    assert [entry["changes"].get("sort") for entry in whole] == [[3, 4], [2, 3], [1, 2], [0, 1], [None, 0], None]
    answer = north.administrator.get(f"/v3/crud/journal/{journal}/history?limit=2&offset=3")
    assert answer.data == whole[3:5]
    assert {key: answer.meta[key] for key in ("count", "limit", "offset")} == {"count": 2, "limit": 2, "offset": 3}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "offset=-1", f"offset={10**12}", "page=2", "limit=1&limit=1"]
)
def test_its_parameters_are_refused_like_any(query: str, north: Party) -> None:
    journal = north.member.create("journal", name="x")["id"]
    assert north.administrator.get(f"/v3/crud/journal/{journal}/history?{query}").error == ("validation", 400)


def test_the_log_outlives_the_row(north: Party) -> None:
    journal = north.administrator.create("journal", name="x")["id"]
    north.administrator.delete(f"/v3/crud/journal/{journal}?method=delete")
    with tenant(north.account.pk):
        actions = ChangeLog.objects.filter(obj_id=journal).order_by("id").values_list("action", "changes_json")
        assert [action for action, _ in actions] == ["created", "deleted"]
        assert actions[1][1]["name"] == ["x", None]


def test_the_history_of_what_is_gone_tells_how_it_ended(north: Party, south: Party, bypass: Caller) -> None:
    journal = north.administrator.create("journal", name="x")["id"]
    path = f"/v3/crud/journal/{journal}/history"
    north.administrator.delete(f"/v3/crud/journal/{journal}?method=delete")
    for reader in (north.administrator, bypass):
        entries = reader.get(path).data
        assert [entry["action"] for entry in entries] == ["deleted", "created"]
        assert entries[0]["changes"]["name"] == ["x", None]
    assert north.administrator.get(f"{path}?limit=1&offset=1").data == entries[1:]
    assert north.member.get(path).error == ("permission", 403)
    # To others the id is one that nobody has ever had, and so is it under another type.
    assert south.manager.get(path).error == ("not_found", 404)
    assert north.manager.get(f"/v3/crud/event/{journal}/history").error == ("not_found", 404)


def test_writes_of_programs_are_logged_too(north: Party) -> None:
    with tenant(north.account.pk):
        row = Journal(name="x")
        row.save()
        row.name = "y"
        row.save()
        row.save()
        Journal.objects.bulk_create([Journal(name="a"), Journal(name="b")])
        entries = list(ChangeLog.objects.filter(obj_type="journal").order_by("id"))
    assert [(entry.action, entry.principal) for entry in entries] == [
        ("created", "system"),
        ("updated", "system"),
        ("created", "system"),
        ("created", "system"),
    ]
    assert {entry.account_id for entry in entries} == {north.account.pk}


def test_a_column_that_is_fetched_later_loses_no_change(north: Party) -> None:
    with tenant(north.account.pk):
        stored = Journal(name="before", sort=1)
        stored.save()
        row = Journal.objects.only("name", "sort").get(pk=stored.pk)
        row.name = "after"
        assert row.enable is True  # is fetched now
        row.sort = 2
        row.refresh_from_db(fields=["sort"])
        row.save()
        found = Journal.objects.get(pk=stored.pk)
    assert (found.name, found.sort) == ("after", 1)
    assert history(north, "journal", stored.id_random)[0]["changes"] == {"name": ["before", "after"]}
