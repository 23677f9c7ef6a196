"""Many writes in one request: all or none, and an error says which entry it is about."""

from __future__ import annotations

from typing import Any

import pytest

from crud.models import IdempotentAnswer
from crud.write.writer import MAX_BULK
from tests.conftest import Caller, Party
from tests.crud.examples import Examples
from tests.crud.reading import statements
from tests.crud.write.test_writer import log_count

PATH = "/v3/crud/journal/bulk"


def names(party: Party) -> list[str]:
    return [row["name"] for row in party.manager.get("/v3/crud/journal/?enabled=all&hidden=all&order_by=name").data]


def test_create_update_and_delete_in_one(north: Party) -> None:
    kept, gone = (north.administrator.create("journal", name=name)["id"] for name in ("kept", "gone"))
    body = {
        "create": [{"name": "a"}, {"name": "b", "sort": 5}],
        "update": [{"id": kept, "name": "c"}],
        "delete": [gone],
    }
    answer = north.administrator.post(f"{PATH}?method=delete&view=enriched", body)
    assert answer.status == 200, answer.body
    assert [row["name"] for row in answer.data["created"]] == ["a", "b"]
    assert [row["name"] for row in answer.data["updated"]] == ["c"]
    assert answer.data["deleted"] == [gone]
    assert all(row["account_name"] == "North" for row in answer.data["created"] + answer.data["updated"])
    assert names(north) == ["a", "b", "c"]
    for row in answer.data["created"]:
        found = north.administrator.get(f"/v3/crud/journal/{row['id']}?view=enriched").data
        assert found == row
        (entry,) = north.administrator.get(f"/v3/crud/journal/{row['id']}/history").data
        assert (entry["action"], entry["changes"]["name"]) == ("created", [None, row["name"]])


def test_deleting_in_bulk_hides_unless_told_otherwise(north: Party) -> None:
    made = [north.member.create("journal", name=f"j{number}")["id"] for number in range(3)]
    assert north.member.post(PATH, {"delete": made[:1]}).status == 200
    assert north.member.post(f"{PATH}?method=disable", {"delete": made[1:2]}).status == 200
    states = [north.member.get(f"/v3/crud/journal/{public_id}").data for public_id in made]
    assert [(row["enable"], row["hide"]) for row in states] == [(True, True), (False, False), (True, False)]
    assert north.member.post(f"{PATH}?method=delete", {"delete": made}).error == ("permission", 403)
    assert north.member.post(f"{PATH}?method=DROP", {"delete": made}).error == ("validation", 400)


BAD: list[tuple[str, int, Any, tuple[str, int]]] = [
    ("create", 2, {"name": None}, ("validation", 400)),
    ("create", 2, {"name": "x" * 300}, ("validation", 400)),
    ("create", 2, {}, ("validation", 400)),
    ("create", 2, 5, ("validation", 400)),
    ("create", 2, None, ("validation", 400)),
    ("create", 2, {"name": "x", "colour": "red"}, ("database_schema", 1054)),
    ("create", 2, {"name": "x", "id": "AAAAAAAAAAA"}, ("validation", 400)),
    ("create", 2, {"name": "x", "person_id": "AAAAAAAAAAA"}, ("database_constraint", 1452)),
    ("update", 1, {"id": "AAAAAAAAAAA", "name": "x"}, ("not_found", 404)),
    ("update", 1, {"name": "x"}, ("validation", 400)),
    ("update", 1, {"id": 5, "name": "x"}, ("validation", 400)),
    ("update", 1, "x", ("validation", 400)),
    ("update", 1, {"id": "$ours", "sort": "x"}, ("validation", 400)),
    ("update", 1, {"id": "$ours", "account_id": "$theirs"}, ("database_constraint", 1452)),
    ("update", 1, {"id": "$theirs", "name": "x"}, ("permission", 403)),
    ("delete", 1, "AAAAAAAAAAA", ("not_found", 404)),
    ("delete", 1, 5, ("validation", 400)),
    ("delete", 1, None, ("validation", 400)),
    ("delete", 1, {"id": "x"}, ("validation", 400)),
    ("delete", 1, "$theirs", ("permission", 403)),
]


@pytest.mark.parametrize(("section", "index", "bad", "error"), BAD)
def test_one_bad_entry_and_nothing_is_written(
    section: str, index: int, bad: Any, error: tuple[str, int], north: Party, south: Party
) -> None:
    ours = [north.member.create("journal", name=f"ours {number}")["id"] for number in range(3)]
    theirs = south.member.create("journal", name="theirs")
    if isinstance(bad, dict):
        bad = {name: {"$ours": ours[1], "$theirs": theirs["id"]}.get(str(value), value) for name, value in bad.items()}
    elif bad == "$theirs":
        bad = theirs["id"]
    body: dict[str, Any] = {
        "create": [{"name": "new 1"}, {"name": "new 2"}],
        "update": [{"id": ours[0], "name": "changed"}],
        "delete": [ours[2]],
    }
    body[section] = [*body[section][:index], bad]
    logged = log_count()
    refused = north.member.post(PATH, body)
    assert (refused.status, refused.error) == (error[1] if error[1] < 1000 else 400, error)
    assert refused.meta["details"]["row"] == {"section": section, "index": index}
    assert names(north) == ["ours 0", "ours 1", "ours 2"]
    assert len(north.member.get("/v3/crud/journal/").data) == 3
    assert south.member.get(f"/v3/crud/journal/{theirs['id']}").data == theirs
    assert log_count() == logged


def test_a_double_names_its_entry_and_its_field(north: Party) -> None:
    examples = Examples(north)
    site = north.site.id_random
    taken = north.administrator.create("page", site_id=site, name="x", path="/taken")
    entries = [{"site_id": site, "name": "x", "path": f"/{number}"} for number in range(4)]
    for double in ("/taken", "/1", "/TAKEN"):
        body = {"create": [*entries, {"site_id": site, "name": "x", "path": double}]}
        refused = north.administrator.post("/v3/crud/page/bulk", body)
        assert refused.error == ("database_duplicate", 1062)
        assert refused.meta["details"]["row"] == {"section": "create", "index": 4}
        assert sorted(refused.meta["details"]["fields"]) == ["path", "site_id"]
    other = examples.another("page", path="/other")
    refused = north.administrator.post("/v3/crud/page/bulk", {"update": [{"id": other, "path": "/taken"}]})
    assert refused.error == ("database_duplicate", 1062)
    assert refused.meta["details"]["row"] == {"section": "update", "index": 0}
    assert north.administrator.get("/v3/crud/page/?order_by=path&fields=path").data == [
        {"path": "/other"},
        {"path": taken["path"]},
    ]


def test_what_others_refer_to_names_its_entry(north: Party) -> None:
    examples = Examples(north)
    examples.one("journal_entry")
    free = north.administrator.create("journal", name="free")["id"]
    body = {"delete": [free, examples.one("journal")]}
    refused = north.administrator.post(f"{PATH}?method=delete", body)
    assert refused.error == ("database_constraint", 1451)
    assert refused.meta["details"]["row"] == {"section": "delete", "index": 1}
    assert north.administrator.get(f"/v3/crud/journal/{free}").status == 200


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {"create": None},
        {"create": {}},
        {"create": "x"},
        {"update": {"id": "x"}},
        {"upsert": []},
        {"": []},
    ],
)
def test_other_bodies_are_refused(body: Any, north: Party) -> None:
    refused = north.member.post(PATH, body if body is not None else b"null")
    assert refused.error == ("validation", 400)


def test_nothing_to_do_is_done(north: Party) -> None:
    bodies: list[dict[str, Any]] = [{}, {"create": []}, {"create": [], "update": [], "delete": []}]
    for body in bodies:
        answer = north.member.post(PATH, body)
        assert (answer.status, answer.data) == (200, {"created": [], "updated": [], "deleted": []})


def test_nothing_to_do_is_refused_to_whoever_may_do_nothing(north: Party, visitor: Caller) -> None:
    """An empty bulk would keep an answer for each Idempotency-Key that a visitor thinks of."""
    reader = north.member.with_headers(**{"x-aether-api-key": north.keys["read_only"]})
    for caller in (visitor, north.guest, reader):
        for body in ({}, {"create": []}):
            assert caller.post(PATH, body, **{"idempotency-key": "mine"}).error == ("permission", 403)
    assert north.member.post("/v3/crud/event/bulk", {}).error == ("permission", 403)
    assert not IdempotentAnswer.objects.exists()


def test_a_thousand_entries_in_all_and_not_one_more(north: Party) -> None:
    many = [{"name": f"j{number:04}"} for number in range(MAX_BULK)]
    over = north.member.post(PATH, {"create": many, "delete": ["AAAAAAAAAAA"]})
    assert over.error == ("payload_too_large", 413)
    assert names(north) == []
    answer = north.member.post(PATH, {"create": many})
    assert (answer.status, len(answer.data["created"])) == (200, MAX_BULK)
    assert [row["name"] for row in answer.data["created"]] == [entry["name"] for entry in many]


def test_rights_are_those_of_single_writes(north: Party) -> None:
    event = north.administrator.create("event", name="x")
    for body in (
        {"create": [{"name": "y"}]},
        {"update": [{"id": event["id"], "name": "y"}]},
        {"delete": [event["id"]]},
    ):
        assert north.member.post("/v3/crud/event/bulk", body).error == ("permission", 403)
        assert north.guest.post("/v3/crud/event/bulk", body).error == ("permission", 403)
    assert north.member.get("/v3/crud/event/").data == [event]


def test_rows_of_a_bulk_may_be_written_twice_in_order(north: Party) -> None:
    journal = north.member.create("journal", name="x")["id"]
    body = {"update": [{"id": journal, "name": "y"}, {"id": journal, "name": "z"}], "delete": [journal]}
    assert north.member.post(PATH, body).status == 200
    row = north.member.get(f"/v3/crud/journal/{journal}").data
    assert (row["name"], row["hide"]) == ("z", True)


def test_what_is_deleted_for_good_can_be_changed_before_but_not_deleted_again(north: Party) -> None:
    first, second = (north.member.create("journal", name=name)["id"] for name in "xy")
    changed = {"update": [{"id": first, "name": "z"}]}
    twice = north.manager.post(f"{PATH}?method=delete", changed | {"delete": [second, first, second]})
    assert (twice.error, twice.meta["details"]["row"]) == (("not_found", 404), {"section": "delete", "index": 2})
    assert names(north) == ["x", "y"]
    assert north.manager.post(f"{PATH}?method=delete", changed | {"delete": [second, first]}).status == 200
    assert names(north) == []


def test_references_are_looked_up_once_for_all_entries(north: Party) -> None:
    examples = Examples(north)
    journal, person = examples.one("journal"), examples.one("person")
    entries = [{"journal_id": journal, "person_id": person, "name": f"e{number}"} for number in range(20)]
    cost = []
    for count in (5, 5, 20):
        with statements() as sql:
            assert north.member.post("/v3/crud/journal_entry/bulk", {"create": entries[:count]}).status == 200
        assert len([statement for statement in sql if statement.startswith("INSERT")]) == 2  # the rows, and their log
        cost.append(len(sql))
    assert cost[1] == cost[2] == 5  # two references, the rows, their log, and what their reader sees of them


def test_statements_do_not_grow_with_the_entries_but_for_the_updates_themselves(north: Party) -> None:
    journal = Examples(north).one("journal")
    entries = [{"journal_id": journal, "name": f"e{number}"} for number in range(20)]
    made = north.member.post("/v3/crud/journal_entry/bulk", {"create": entries}).data["created"]
    costs = []
    for count in (4, 20):
        changes = [{"id": row["id"], "sort": count, "name": f"{row['name']} again"} for row in made[:count]]
        with statements() as sql:
            answer = north.member.post("/v3/crud/journal_entry/bulk", {"update": changes})
        assert [(row["id"], row["name"], row["sort"]) for row in answer.data["updated"]] == [
            (change["id"], change["name"], count) for change in changes
        ]
        costs.append(len(sql) - sum(statement.startswith("UPDATE") for statement in sql))
    assert costs == [3, 3]  # they are locked, logged and read back together
