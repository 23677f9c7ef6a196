"""Payloads: which names are written, which are refused or dropped, and what references they may hold."""

from __future__ import annotations

from typing import Any

import pytest

from crud.declare.fields import Kind
from crud.declare.object_type import registry
from tenancy.context import tenant
from tests.conftest import Party
from tests.crud.examples import BY_MANAGERS, Examples

PERMISSIVE = {"x-ae-ignore-extra-fields": "true"}


def stored(party: Party, path: str) -> Any:
    return party.manager.get(path).data


@pytest.mark.parametrize(
    "name",
    ["colour", "name ", "NAME", "pk", "account", "journal", "_state", "__class__", "default_qry_str", "x" * 1_000_000],
)
def test_an_unknown_field_is_refused_and_nothing_is_written(name: str, north: Party) -> None:
    caller = north.member
    refused = caller.post("/v3/crud/journal/", {"name": "x", name: 1})
    assert refused.error == ("database_schema", 1054)
    shown = name if len(name) <= 64 else name[:63] + "…"
    assert refused.meta["status_message"] == f"Unknown column '{shown}' in 'SET'"
    assert list(refused.meta["details"]["fields"]) == [shown]
    assert caller.get("/v3/crud/journal/").data == []
    journal = caller.create("journal", name="x")
    path = f"/v3/crud/journal/{journal['id']}"
    assert caller.patch(path, {"name": "y", name: 1}).error == ("database_schema", 1054)
    assert stored(north, path) == journal


@pytest.mark.parametrize(
    "name", ["it's", 'say "x"', "a\nb", "a\x00b", "\u202eevil", "é 😀", "", "%s %(x)s", "`;--", "<b>"]
)
def test_an_odd_name_is_said_back_safely(name: str, north: Party) -> None:
    refused = north.member.post("/v3/crud/journal/", {"name": "x", name: 1})
    assert refused.error == ("database_schema", 1054)
    message = refused.meta["status_message"]
    assert message.isprintable()
    assert len(message) < 100


@pytest.mark.parametrize("name", ["id", "created_on", "updated_on"])
def test_read_only_fields_are_refused(name: str, north: Party) -> None:
    caller = north.manager
    journal = caller.create("journal", name="x")
    path = f"/v3/crud/journal/{journal['id']}"
    for value in (journal[name], "AAAAAAAAAAA", "2026-01-01T00:00:00Z"):
        for answer in (caller.post("/v3/crud/journal/", {"name": "y", name: value}), caller.patch(path, {name: value})):
            assert answer.error == ("validation", 400)
            assert answer.meta["details"]["fields"] == {name: ["The field is read-only."]}
    assert stored(north, path) == journal
    assert caller.get("/v3/crud/journal/?inc_total=true").meta["total"] == 1


def test_what_a_type_says_is_read_only_and_what_a_role_may_not_write(north: Party) -> None:
    examples = Examples(north)
    hosted = f"/v3/crud/hosted_file/{examples.one('hosted_file')}"
    before = stored(north, hosted)
    for name, value in {"hash_sha256": "cd" * 32, "size": 1, "content_type": "text/html", "status": "ready"}.items():
        refused = north.manager.patch(hosted, {name: value})
        assert refused.meta["details"]["fields"] == {name: ["The field is read-only."]}
    assert stored(north, hosted) == before
    user = f"/v3/crud/user/{examples.one('user')}"
    assert north.manager.patch(user, {"super": True}).error == ("validation", 400)
    assert north.manager.patch(f"/v3/crud/person/{examples.one('person')}", {"full_name": "x"}).error == (
        "validation",
        400,
    )


def test_permissive_payloads_keep_what_may_be_written(north: Party) -> None:
    caller = north.member
    extras = {f"ui_{number}": {"open": [1, {"deep": None}]} for number in range(500)}
    body = {**extras, "name": "x", "id": "AAAAAAAAAAA", "created_on": "1999-01-01", "account": {"id": "x"}, "sort": 5}
    made = caller.post("/v3/crud/journal/", body, **PERMISSIVE)
    assert made.status == 201
    assert (made.data["name"], made.data["sort"]) == ("x", 5)
    assert made.data["id"] != "AAAAAAAAAAA"
    assert not made.data["created_on"].startswith("1999")
    path = f"/v3/crud/journal/{made.data['id']}"
    assert caller.patch(path, made.data | {"name": "y", "entries": []}, **PERMISSIVE).data["name"] == "y"
    assert caller.patch(path, {"nothing": "of ours"}, **PERMISSIVE).status == 200
    in_bulk = {"create": [{"name": "b", "ui": 1}], "update": [{"id": made.data["id"], "ui": 1, "name": "z"}]}
    assert caller.post("/v3/crud/journal/bulk", in_bulk, **PERMISSIVE).status == 200
    assert stored(north, path)["name"] == "z"
    for value in ("perhaps", "2", "yes"):
        assert caller.post("/v3/crud/journal/", {"name": "x"}, **{"x-ae-ignore-extra-fields": value}).status == 400
    for value in ("false", "0", ""):
        assert caller.post("/v3/crud/journal/", {"x": 1}, **{"x-ae-ignore-extra-fields": value}).error[1] == 1054


def test_permissive_is_about_names_not_values(north: Party) -> None:
    caller = north.member
    for body in ({"name": None}, {"name": 5}, {"name": "x" * 256}, {}, {"name": "x", "sort": "y"}, {"name": "\x00"}):
        assert caller.post("/v3/crud/journal/", body, **PERMISSIVE).error == ("validation", 400)
    dangling = caller.post("/v3/crud/journal/", {"name": "x", "person_id": "AAAAAAAAAAA"}, **PERMISSIVE)
    assert dangling.error == ("database_constraint", 1452)
    assert caller.get("/v3/crud/journal/").data == []


@pytest.mark.parametrize("type_name", BY_MANAGERS)
def test_what_is_required_is_said_all_at_once(type_name: str, north: Party) -> None:
    required = [name for name, field in registry[type_name].fields.items() if field.required]
    refused = north.manager.post(f"/v3/crud/{type_name}/", {})
    if required:
        assert refused.error == ("validation", 400)
        assert sorted(refused.meta["details"]["fields"]) == sorted(required)
    elif refused.status == 400:
        assert refused.error == ("validation", 400)
    payload = Examples(north).payload(type_name)
    for name in required:
        missing = {key: value for key, value in payload.items() if key != name}
        refused = north.manager.post(f"/v3/crud/{type_name}/", missing)
        assert refused.meta["details"]["fields"] == {name: ["It is required."]}
    assert north.manager.post(f"/v3/crud/{type_name}/", payload).status == 201


def test_every_misfit_is_named_at_once(north: Party) -> None:
    body = {"name": "x" * 300, "sort": "y", "priority": "z", "cfg_json": 5}
    refused = north.member.post("/v3/crud/journal/", body)
    assert sorted(refused.meta["details"]["fields"]) == ["cfg_json", "name", "priority", "sort"]
    assert refused.meta["details"]["message"] == "name: It must have at most 255 characters."


# --- references


@pytest.mark.parametrize("type_name", BY_MANAGERS)
def test_unknown_and_foreign_references_are_refused_alike(type_name: str, north: Party, south: Party) -> None:
    ours, theirs = Examples(north), Examples(south)
    payload = ours.payload(type_name)
    public_id = ours.one(type_name)
    path = f"/v3/crud/{type_name}/{public_id}"
    before = stored(north, path)
    for name, field in registry[type_name].fields.items():
        if field.kind is not Kind.REFERENCE or field.read_only:
            continue
        assert field.refers_to is not None
        foreign = south.id if name == "account_id" else theirs.one(field.refers_to)
        words = set()
        for value in (foreign, "AAAAAAAAAAA", "no id at all", "", 1, True, {"id": foreign}):
            for answer in (
                north.manager.post(f"/v3/crud/{type_name}/", payload | {name: value}),
                north.manager.patch(path, {name: value}),
            ):
                assert (answer.status, answer.error) == (400, ("database_constraint", 1452)), (name, value)
                words.add(answer.raw.content.replace(answer.meta["request_id"].encode(), b""))
        assert len(words) == 1
    assert stored(north, path) == before


def test_ones_own_account_may_be_said_and_no_other(north: Party, south: Party) -> None:
    caller = north.member
    made = caller.create("journal", name="x", account_id=north.id)
    path = f"/v3/crud/journal/{made['id']}"
    assert caller.patch(path, {"account_id": north.id}).status == 200
    assert caller.patch(path, {"account_id": None}).error == ("validation", 400)
    for caller in (north.member, north.administrator, north.manager):
        assert caller.patch(path, {"account_id": south.id}).error == ("database_constraint", 1452)
    assert stored(north, path) == made


def test_nobody_moves_a_row_to_another_account(north: Party, south: Party, bypass: Any) -> None:
    journal = north.member.create("journal", name="x")
    answer = bypass.patch(f"/v3/crud/journal/{journal['id']}", {"account_id": south.id})
    assert answer.error == ("database_constraint", 1452)
    assert bypass.get(f"/v3/crud/journal/{journal['id']}").data["account_id"] == north.id


def test_without_an_account_it_must_be_said(north: Party, south: Party, bypass: Any) -> None:
    refused = bypass.post("/v3/crud/journal/", {"name": "x"})
    assert (refused.error, list(refused.meta["details"]["fields"])) == (("validation", 400), ["account_id"])
    made = bypass.create("journal", name="x", account_id=north.id)
    assert north.member.get(f"/v3/crud/journal/{made['id']}").data == made
    person = Examples(south).one("person")
    crossed = bypass.post("/v3/crud/journal/", {"name": "x", "account_id": north.id, "person_id": person})
    assert crossed.error == ("database_constraint", 1452)


def test_null_unsets_a_reference_that_may_be_null(north: Party) -> None:
    examples = Examples(north)
    entry = f"/v3/crud/journal_entry/{examples.one('journal_entry')}"
    assert north.member.patch(entry, {"person_id": None}).data["person_id"] is None
    refused = north.member.patch(entry, {"journal_id": None})
    assert refused.meta["details"]["fields"] == {"journal_id": ["It can't be null."]}


def test_a_pair_of_type_and_id_is_checked_as_a_reference(north: Party, south: Party) -> None:
    examples = Examples(north)
    payload = examples.payload("hosted_file_link")
    path = "/v3/crud/hosted_file_link/"
    foreign = Examples(south).one("event")
    for values, error in (
        ({"link_to_type": "event", "link_to_id": foreign}, ("database_constraint", 1452)),
        ({"link_to_type": "event", "link_to_id": "AAAAAAAAAAA"}, ("database_constraint", 1452)),
        ({"link_to_type": "journal", "link_to_id": examples.one("event")}, ("database_constraint", 1452)),
        ({"link_to_type": "no_such", "link_to_id": examples.one("event")}, ("validation", 400)),
        ({"link_to_type": None, "link_to_id": examples.one("event")}, ("validation", 400)),
    ):
        assert north.member.post(path, payload | values).error == error, values
    made = north.member.create("hosted_file_link", **payload)
    assert north.member.patch(f"{path}{made['id']}", {"link_to_id": foreign}).error == ("database_constraint", 1452)
    assert stored(north, f"{path}{made['id']}") == made


# --- below a parent


def test_the_parent_in_the_url_is_injected(north: Party) -> None:
    ours, other = (north.member.create("journal", name=name)["id"] for name in ("ours", "other"))
    path = f"/v3/crud/journal/{ours}/entry/"
    assert north.member.post(path, {"name": "e"}).data["journal_id"] == ours
    assert north.member.post(path, {"name": "e", "journal_id": ours}).data["journal_id"] == ours
    for value in (other, "AAAAAAAAAAA", None, 5, ours.swapcase()):
        for headers in ({}, PERMISSIVE):
            refused = north.member.post(path, {"name": "e", "journal_id": value}, **headers)
            assert refused.error == ("validation", 400)
            assert refused.meta["details"]["fields"] == {"journal_id": ["It differs from the parent in the URL."]}
    assert len(north.member.get("/v3/crud/journal_entry/").data) == 2


def test_below_an_account_the_account_is_injected(north: Party, south: Party) -> None:
    made = north.member.post(f"/v3/crud/account/{north.id}/journal/", {"name": "x"})
    assert (made.status, made.data["account_id"]) == (201, north.id)
    assert north.member.post(f"/v3/crud/account/{south.id}/journal/", {"name": "x"}).status == 403
    assert north.member.post("/v3/crud/account/AAAAAAAAAAA/journal/", {"name": "x"}).status == 404


# --- secrets


def test_secrets_are_hashed_and_never_read_out(north: Party) -> None:
    examples = Examples(north)
    exhibit = examples.another("event_exhibit", passcode="open sesame")
    path = f"/v3/crud/event_exhibit/{exhibit}"
    for answer in (north.manager.get(path), north.manager.patch(path, {"passcode": "close sesame"})):
        assert "passcode" not in answer.data
        assert b"sesame" not in answer.raw.content
    site = f"/v3/crud/site/{north.site.id_random}"
    changed = north.manager.patch(site, {"passcodes": {"manager": "let me in", "administrator": "me too"}})
    assert (changed.status, "passcodes" in changed.data) == (200, False)
    with tenant(north.account.pk):
        north.site.refresh_from_db()
    assert set(north.site.passcodes) == {"manager", "administrator"}
    assert not {"let me in", "me too"} & set(north.site.passcodes.values())
    values: list[Any] = [
        {"user": "let me in"},
        {"manager": "abc"},
        {"manager": 12345},
        "let me in",
        [],
        {"manager": "x" * 129},
    ]
    for value in values:
        refused = north.manager.patch(site, {"passcodes": value})
        assert (refused.error, list(refused.meta["details"]["fields"])) == (("validation", 400), ["passcodes"])
        assert "let me in" not in refused.raw.content.decode()
