"""Over the websocket nobody is told what GET would not answer them: for every type, and every kind of reader."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from crud.declare.object_type import registry
from crud.history import Change
from realtime.changes import ChangeEntry, packed, unpacked
from realtime.topics import Audience
from realtime.visibility import Seen, judge
from tenancy.context import tenant
from tenancy.principal import Access, Role
from tests.contract.conftest import TYPES, Stage
from tests.contract.factory import World

READERS = {
    "guest": Access(Role.GUEST, every_account=False),
    "user": Access(Role.USER, every_account=False),
    "administrator": Access(Role.ADMINISTRATOR, every_account=False),
    "manager": Access(Role.MANAGER, every_account=False),
}
of_every_type = pytest.mark.parametrize("type_name", TYPES)


def judged(world: World, changes: list[Change], access: Access, within: World | None = None) -> list[Seen]:
    """What such readers of an account are told of changes; nothing where the type is closed to them."""
    account = (within or world).party.account
    entries = [unpacked(packed(change)) for change in changes]
    audiences = {changes[0].obj_type: Audience(frozenset([access]), frozenset())}
    verdicts = judge(account.pk, account.id_random, entries, audiences)
    return [verdict.seen[access] for verdict in verdicts if verdict is not None]


def life_of(world: World, type_name: str) -> list[Change]:
    row = world.rows[type_name]
    values = {f.attname: (None, getattr(row, f.attname)) for f in row._meta.concrete_fields}
    return [Change.created(row), Change.updated(row, values), Change.deleted(row)]


@of_every_type
@pytest.mark.parametrize("reader", READERS)
def test_told_is_what_get_answers(stage: Stage, type_name: str, reader: str) -> None:
    access = READERS[reader]
    if not registry[type_name].readable_by(access):
        pytest.skip("`subscribe` refuses it: tests/realtime/test_changes.py")
    caller = stage.guest if reader == "guest" else stage.caller(reader)
    answer = caller.get(f"/v3/crud/{type_name}/{stage.north.id(type_name)}")
    created, updated, deleted = judged(stage.north, life_of(stage.north, type_name), access)
    readable = answer.status == 200
    assert (created.after, updated.after) == (readable, readable)
    assert orjson.loads(updated.data) == (answer.data if readable else None)
    assert (created.before, deleted.after, deleted.data) == (False, False, b"null")
    if registry[type_name].default_rows or reader != "guest":
        assert deleted.before is readable
    known = set(answer.data) if readable else set(updated.fields)
    assert set(updated.fields) <= known


@of_every_type
@pytest.mark.parametrize("reader", READERS)
def test_hidden_and_disabled_rows_are_not_for_guests(stage: Stage, type_name: str, reader: str) -> None:
    access = READERS[reader]
    if not registry[type_name].readable_by(access):
        pytest.skip("`subscribe` refuses it: tests/realtime/test_changes.py")
    row = stage.north.rows[type_name]
    with tenant(stage.north.party.account.pk):
        registry[type_name].model.objects.filter(pk=row.pk).update(hide=True)
    state = {**Change.created(row).state, "hide": True}
    hidden = ChangeEntry(type_name, row.id_random, row.pk, "updated", ["sort"], state, {})
    account = stage.north.party.account
    audiences = {type_name: Audience(frozenset([access]), frozenset())}
    verdict = judge(account.pk, account.id_random, [hidden], audiences)[0]
    assert verdict is not None
    seen = verdict.seen[access]
    visible = reader != "guest"
    assert (seen.before, seen.after, seen.data != b"null") == (visible, visible, visible)


@of_every_type
def test_a_row_of_another_account_is_never_read(stage: Stage, type_name: str) -> None:
    """Entries lie in their account's journal; were one in another's, its row would still not come out."""
    for access in READERS.values():
        changes = life_of(stage.south, type_name)
        for seen in judged(stage.south, changes, access, within=stage.north):
            assert seen.data == b"null"


@of_every_type
def test_an_entry_holds_no_content(stage: Stage, type_name: str) -> None:
    """Redis learns ids, names of columns, flags and references."""
    world = stage.north
    for change in life_of(world, type_name):
        told = packed(change)
        assert world.canary.encode() not in told
        values: list[Any] = [*change.state.values()]
        assert all(value is None or isinstance(value, bool | int | str) for value in values)
