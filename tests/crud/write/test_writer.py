"""Writing single objects: what is saved, what is not, who may, and what is left when it fails."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crud.declare.object_type import registry
from crud.history import objects_changed
from crud.models import ChangeLog
from crud.write.writer import Writer
from tenancy.context import every_tenant, tenant
from tests.conftest import Answer, Caller, Party
from tests.crud.examples import BY_MANAGERS, Examples
from tests.crud.reading import acting, statements
from tests.crud.threads import at_once, shared_database


def log_count() -> int:
    with every_tenant(reason="count what was logged"):
        return int(ChangeLog.objects.count())


# --- create


def test_create_answers_the_object_and_where_it_is(north: Party) -> None:
    answer = north.member.post("/v3/crud/journal/?view=enriched", {"name": "x"})
    assert answer.status == 201
    assert answer.headers["Location"] == f"/v3/crud/journal/{answer.data['id']}/"
    assert north.member.get(f"{answer.headers['Location']}?view=enriched").data == answer.data
    assert (answer.data["account_name"], answer.data["journal_entry_count"]) == ("North", 0)
    assert (answer.data["enable"], answer.data["hide"], answer.data["priority"]) == (True, False, False)
    assert answer.data["created_on"] == answer.data["updated_on"]
    some = north.member.post("/v3/crud/journal/?fields=name", {"name": "y"})
    assert some.data == {"name": "y"}
    assert north.member.get(some.headers["Location"]).data["name"] == "y"


def test_what_was_made_with_everything_said_is_read_back_as_it_was_said(north: Party) -> None:
    examples = Examples(north)
    for type_name in BY_MANAGERS:
        payload = examples.payload(type_name)
        made = north.manager.create(type_name, **payload)
        public = {name: value for name, value in payload.items() if name in made}
        assert {name: made[name] for name in public} == public
        assert north.manager.get(f"/v3/crud/{type_name}/{made['id']}").data == made


# --- patch


def test_patch_changes_the_given_fields_only(north: Party) -> None:
    made = north.member.create("journal", name="x", summary="s", sort=5, cfg_json={"a": 1})
    path = f"/v3/crud/journal/{made['id']}"
    with statements() as sql:
        answer = north.member.patch(path, {"name": "y"})
    assert answer.data == made | {"name": "y", "updated_on": answer.data["updated_on"]}
    assert answer.data["updated_on"] > made["updated_on"]
    (update,) = [statement for statement in sql if statement.startswith("UPDATE")]
    for column in ("summary", "sort", "cfg_json", "created_on"):
        assert f"{column} " not in update.replace("`", "").replace('"', "")
    assert north.member.patch(f"{path}?view=enriched", {"sort": None}).data["account_name"] == "North"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "x", "sort": 5, "priority": 1, "hide": None, "description": "<p>d</p>"},
        {"cfg_json": {"b": [1, 2], "a": 1.5}},
        {"start": None},
    ],
)
def test_a_patch_that_changes_nothing_writes_nothing(body: dict[str, Any], north: Party) -> None:
    made = north.member.create(
        "journal", name="x", sort=5, priority=True, description="<p>d</p>", cfg_json={"a": 1.5, "b": [1, 2]}
    )
    path, logged = f"/v3/crud/journal/{made['id']}", log_count()
    with statements() as sql:
        answer = north.member.patch(path, {name: value for name, value in body.items() if name != "start"})
    assert (answer.status, answer.data) == (200, made)
    assert [statement for statement in sql if not statement.startswith("SELECT")] == []
    assert log_count() == logged


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 0}, {"a": False}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": [True]}, {"a": [1]}),
        ({}, {"": {}}),
    ],
)
def test_in_a_document_true_and_one_are_two_values(before: Any, after: Any, north: Party) -> None:
    """In Python they are equal; in JSON they are not."""
    made = north.member.create("journal", name="x", cfg_json=before)
    path = f"/v3/crud/journal/{made['id']}"
    answer = north.member.patch(path, {"cfg_json": after})
    assert repr(answer.data["cfg_json"]) == repr(after)
    assert repr(north.member.get(path).data["cfg_json"]) == repr(after)
    newest = north.administrator.get(f"{path}/history").data[0]
    assert repr(newest["changes"]["cfg_json"]) == repr([before, after])


def test_updated_on_always_grows(north: Party) -> None:
    path = f"/v3/crud/journal/{north.member.create('journal', name='x')['id']}"
    stamps = [north.member.patch(path, {"sort": number}).data["updated_on"] for number in range(5)]
    assert stamps == sorted(set(stamps))


def test_a_refused_patch_changes_nothing(north: Party, south: Party) -> None:
    made = north.administrator.create("event", name="x", start_datetime="2026-05-01", end_datetime="2026-05-02")
    path, logged = f"/v3/crud/event/{made['id']}", log_count()
    refused: list[tuple[Caller, dict[str, Any], int]] = [
        (north.administrator, {"name": "y", "end_datetime": "2026-04-01"}, 400),
        (north.administrator, {"name": "y", "start_datetime": "2026-06-01"}, 400),
        (north.administrator, {"name": "y", "site_id": south.site.id_random}, 400),
        (north.administrator, {"name": "y", "colour": "red"}, 400),
        (north.administrator, {"name": None}, 400),
        (north.member, {"name": "y"}, 403),
        (north.guest, {"name": "y"}, 403),
        (south.manager, {"name": "y"}, 403),
        (Caller({**north.manager.headers, "x-aether-api-key": north.keys["read_only"]}), {"name": "y"}, 403),
    ]
    for caller, body, status in refused:
        assert caller.patch(path, body).status == status
    assert north.administrator.get(path).data == made
    assert log_count() == logged


# --- delete


@pytest.mark.parametrize(
    ("query", "default", "enable", "hide"),
    [
        ("", "hide", True, True),
        ("", "disable", False, False),
        ("?method=hide", "delete", True, True),
        ("?method=disable", "hide", False, False),
        ("", "delete", None, None),
        ("?method=delete", "hide", None, None),
    ],
)
def test_methods_of_deleting(
    query: str, default: str, enable: bool | None, hide: bool | None, north: Party, settings: Any
) -> None:
    settings.AETHER_DELETE_DEFAULT = default
    made = north.administrator.create("journal", name="x")
    path = f"/v3/crud/journal/{made['id']}"
    answer = north.administrator.delete(path + query)
    assert answer.status == 200
    if enable is None:
        assert answer.data == {"id": made["id"]}
        assert north.administrator.get(path).status == 404
        assert north.administrator.delete(path + query).status == 404
    else:
        assert (answer.data["enable"], answer.data["hide"]) == (enable, hide)
        assert north.administrator.get(path).data == answer.data
        assert north.administrator.get("/v3/crud/journal/").data == []
        again = north.administrator.delete(path + query)
        assert (again.status, again.data) == (200, answer.data)


@pytest.mark.parametrize(
    "query", ["method=DROP", "method=", "method=HIDE", "method=hide&method=delete", "method=%00", "metod=hide"]
)
def test_other_methods_are_refused(query: str, north: Party) -> None:
    made = north.administrator.create("journal", name="x")
    refused = north.administrator.delete(f"/v3/crud/journal/{made['id']}?{query}")
    assert (refused.status, refused.error) == (400, ("validation", 400))
    assert north.administrator.get(f"/v3/crud/journal/{made['id']}").data == made


def test_a_hard_delete_takes_an_administrator(north: Party) -> None:
    path = f"/v3/crud/journal/{north.member.create('journal', name='x')['id']}"
    refused = north.member.delete(f"{path}?method=delete")
    assert (refused.status, refused.error) == (403, ("permission", 403))
    assert north.member.get(path).status == 200
    assert north.member.delete(path).status == 200
    assert north.administrator.delete(f"{path}?method=delete").status == 200


def test_what_others_refer_to_is_not_deleted(north: Party) -> None:
    examples = Examples(north)
    entry = examples.another("journal_entry", name="the secret name of a child")
    journal, person = examples.one("journal"), examples.one("person")
    for path in (f"/v3/crud/journal/{journal}", f"/v3/crud/person/{person}"):
        before = north.administrator.get(path).data
        refused = north.administrator.delete(f"{path}?method=delete")
        assert (refused.status, refused.error) == (400, ("database_constraint", 1451))
        assert b"secret name" not in refused.raw.content
        assert b"entry" not in refused.raw.content
        assert north.administrator.get(path).data == before
        assert north.administrator.delete(path).status == 200  # hiding it is no harm
    assert north.administrator.delete(f"/v3/crud/journal_entry/{entry}?method=delete").status == 200
    assert north.administrator.delete(f"/v3/crud/journal/{journal}?method=delete").status == 200


# --- below a parent


def test_a_child_is_written_through_its_own_parent_only(north: Party) -> None:
    caller = north.administrator
    ours, other = (caller.create("journal", name=name)["id"] for name in ("ours", "other"))
    entry = caller.create("journal_entry", journal_id=ours, name="e")
    for alias in ("entry", "journal_entry"):
        good, bad = (f"/v3/crud/journal/{journal}/{alias}/{entry['id']}" for journal in (ours, other))
        for call in (caller.get, partial(caller.patch, body={"name": "f"}), caller.delete):
            assert call(bad).error == ("not_found", 404)
            assert call(f"{bad}?method=delete" if call == caller.delete else bad).status == 404
        assert caller.get(good).data == entry
    unknown = f"/v3/crud/journal/AAAAAAAAAAA/entry/{entry['id']}"
    for call in (caller.get, partial(caller.patch, body={"name": "f"}), caller.delete):
        assert call(unknown).error == ("not_found", 404)
    assert caller.get(f"/v3/crud/journal_entry/{entry['id']}").data == entry
    assert caller.patch(f"/v3/crud/journal/{ours}/entry/{entry['id']}", {"name": "f"}).data["name"] == "f"
    assert caller.delete(f"/v3/crud/journal/{ours}/entry/{entry['id']}?method=delete").status == 200


def test_a_child_of_another_account_or_below_its_parent_is_refused(north: Party, south: Party) -> None:
    journal = south.member.create("journal", name="x")["id"]
    entry = south.member.create("journal_entry", journal_id=journal, name="e")["id"]
    caller = north.manager
    for path in (f"/v3/crud/journal/{journal}/entry/{entry}", f"/v3/crud/journal_entry/{entry}"):
        for call in (caller.get, partial(caller.patch, body={"name": "f"}), caller.delete):
            assert call(path).error == ("permission", 403)
    assert caller.post(f"/v3/crud/journal/{journal}/entry/", {"name": "f"}).error == ("permission", 403)
    assert caller.get(f"/v3/crud/journal/{journal}/entry/").error == ("permission", 403)
    assert south.member.get(f"/v3/crud/journal_entry/{entry}").data["name"] == "e"


# --- what else happens with a write


def test_changes_are_announced_after_the_commit_and_never_before(
    north: Party, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[tuple[str, str]] = []

    def listen(changes: Any, **_: Any) -> None:
        heard.extend((change.action, change.obj_id) for change in changes)

    objects_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            made = north.administrator.create("journal", name="x")
            assert heard == []
        path = f"/v3/crud/journal/{made['id']}"
        with django_capture_on_commit_callbacks(execute=True):
            north.administrator.patch(path, {"name": "y"})
            north.administrator.patch(path, {"name": "y"})
            north.administrator.patch(path, {"name": None})
            north.administrator.delete(f"{path}?method=delete")
        with django_capture_on_commit_callbacks(execute=True):
            failing = {"create": [{"name": "a"}, {"name": None}]}
            assert north.administrator.post("/v3/crud/journal/bulk", failing).status == 400
    finally:
        objects_changed.disconnect(listen)
    assert heard == [(action, made["id"]) for action in ("created", "updated", "deleted")]


def test_a_listener_that_fails_fails_no_request(north: Party, django_capture_on_commit_callbacks: Any) -> None:
    def listen(**_: Any) -> None:
        raise RuntimeError("a defect in a listener")

    objects_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert north.member.post("/v3/crud/journal/", {"name": "x"}).status == 201
    finally:
        objects_changed.disconnect(listen)


def test_who_can_not_read_it_did_not_write_it(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    logged = log_count()
    monkeypatch.setattr("crud.write.writer.read_one", lambda *args: None)
    refused = north.member.post("/v3/crud/journal/", {"name": "x"})
    assert refused.error == ("permission", 403)
    monkeypatch.undo()
    assert north.member.get("/v3/crud/journal/").data == []
    assert log_count() == logged


@pytest.mark.django_db(transaction=True)
def test_patches_of_different_fields_at_once_lose_none(north: Party, tmp_path: Path) -> None:
    path = f"/v3/crud/journal/{north.member.create('journal', name='x')['id']}"
    fields: dict[str, Any] = {
        "name": "y",
        "summary": "s",
        "type_code": "t",
        "group": "g",
        "sort": 7,
        "cfg_json": {"a": 1},
    }
    with shared_database(tmp_path) as connect:
        for turn in range(3):
            wanted = {
                name: value if turn % 2 == 0 else ("z" if name == "name" else None) for name, value in fields.items()
            }
            works = [partial(north.member.patch, path, {name: value}) for name, value in wanted.items()]
            answers: list[Answer] = at_once(connect, works)
            assert [answer.status for answer in answers] == [200] * len(fields)
            now = north.member.get(path).data
            assert {name: now[name] for name in fields} == wanted
        history = north.administrator.get(f"{path}/history").data
        assert len(history) == 1 + 3 * len(fields)


@pytest.mark.django_db(transaction=True)
def test_deleting_and_patching_at_once_end_in_one_of_two_states(north: Party, tmp_path: Path) -> None:
    with shared_database(tmp_path) as connect:
        for _ in range(3):
            path = f"/v3/crud/journal/{north.member.create('journal', name='x')['id']}"
            deleted, patched = at_once(
                connect,
                [
                    partial(north.administrator.delete, f"{path}?method=delete"),
                    partial(north.member.patch, path, {"name": "y"}),
                ],
            )
            assert deleted.status == 200
            assert patched.status in (200, 404)
            assert north.member.get(path).status == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_that_take_a_unique_text_one_gets_it(north: Party, tmp_path: Path) -> None:
    body = {"site_id": north.site.id_random, "name": "x", "path": "/once"}
    with shared_database(tmp_path) as connect:
        answers = at_once(connect, [partial(north.administrator.post, "/v3/crud/page/", body)] * 4)
        assert sorted(answer.status for answer in answers) == [201, 400, 400, 400]
        assert {answer.error for answer in answers if answer.status == 400} == {("database_duplicate", 1062)}
        assert len(north.administrator.get("/v3/crud/page/").data) == 1


def test_a_writer_demands_the_verb_before_it_looks_at_the_body(north: Party) -> None:
    with acting(north) as principal:
        writer = Writer(registry["event"], principal)
        calls: list[Callable[[], Any]] = [
            lambda: writer.create(5),
            lambda: writer.update("x", 5),
            lambda: writer.delete("x", "hide"),
        ]
        for call in calls:
            with pytest.raises(Exception, match=r"You may not (create|update|delete) 'event'\."):
                call()
    with tenant(north.account.pk):
        assert registry["event"].model.objects.count() == 0
