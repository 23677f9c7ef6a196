"""Exports read on when the request is over: still as who asked, in the account that was asked in."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from crud.declare.object_type import registry
from crud.read import page
from crud.read.read_plan import view_names
from tenancy.context import NoTenantError, current_scope, tenant
from tests.conftest import Answer, Caller
from tests.contract.conftest import FOREIGN, NOWHERE, TYPES, Stage, refusal
from tests.contract.test_guests import LISTED, PUBLIC, of_each_access, private_values

of_every_type = pytest.mark.parametrize("type_name", TYPES)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that most rows are read after the view has returned."""
    monkeypatch.setattr(page, "EXPORT_PAGE", 1)


def plain(caller: Caller) -> Caller:
    """Without the watch, which reads whole answers."""
    return Caller(caller.headers)


def text_of(answer: Answer, file_type: str) -> str:
    assert answer.status == 200
    data = b"".join(answer.raw.streaming_content)
    if file_type == "csv":
        return data.decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def ids_of(text: str) -> set[str]:
    return {row["id"] for row in csv.DictReader(io.StringIO(text))}


@of_every_type
@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_an_export_holds_own_rows_only(stage: Stage, type_name: str, file_type: str) -> None:
    if type_name != "account":
        for world in (stage.north, stage.south):
            world.make(type_name)
            world.make(type_name, hide=True)
    with tenant(stage.north.party.account.pk):
        rows = registry[type_name].model.objects
        rows = rows.filter(super=False) if type_name == "user" else rows.all()
        own = set(rows.values_list("id_random", flat=True))
    views = view_names(registry[type_name]) if file_type == "csv" else ["enriched"]
    for view in views:
        query = f"?export={file_type}&view={view}&enabled=all&hidden=all"
        text = text_of(plain(stage.caller("manager")).search(type_name, {}, query), file_type)
        assert not [word for word in stage.south.telltales if word in text]
        assert all(public_id in text for public_id in own)
        if file_type == "csv":
            assert ids_of(text) == own
        with pytest.raises(NoTenantError):
            current_scope()


@of_every_type
def test_an_export_of_foreign_rows_is_empty(stage: Stage, type_name: str) -> None:
    for field, value in (("id", stage.south.id(type_name)), ("account_id", stage.south.party.id), ("id", NOWHERE)):
        if field == "account_id" and type_name == "account":
            continue
        condition = {"field": field, "op": "eq", "value": value}
        answer = plain(stage.caller("manager")).search(type_name, {"and": [condition]}, "?export=csv")
        assert ids_of(text_of(answer, "csv")) == set()


def test_two_exports_at_a_time_do_not_mix(stage: Stage) -> None:
    """Read in turns on one thread, as a server may: each goes on in its own account, and leaves none open between."""
    for world in (stage.north, stage.south):
        for _ in range(3):
            world.make("journal")
    files = [
        iter(caller.search("journal", {}, "?export=csv").raw.streaming_content)
        for caller in (plain(stage.caller("manager")), stage.southern("manager"), stage.bypass)
    ]
    texts = ["", "", ""]
    alive = True
    while alive:
        alive = False
        for place, chunks in enumerate(files):
            chunk = next(chunks, None)
            with pytest.raises(NoTenantError):
                current_scope()
            if chunk is not None:
                texts[place] += chunk.decode("utf-8-sig")
                alive = True
    northern, southern, every = (ids_of(text) for text in texts)
    assert len(northern) == len(southern) == 4
    assert northern.isdisjoint(southern)
    assert every == northern | southern
    assert stage.south.canary not in texts[0]
    assert stage.north.canary not in texts[1]


@pytest.mark.parametrize("type_name", LISTED)
def test_a_guests_export_holds_what_guests_may_read(stage: Stage, type_name: str) -> None:
    hidden = private_values(stage, type_name)
    stage.north.make(type_name, hide=True)
    stage.north.make(type_name, enable=False)
    for query in ("?export=csv", "?export=csv&view=enriched&enabled=all&hidden=all"):
        text = text_of(plain(stage.guest).search(type_name, {}, query), "csv")
        assert stage.north.id(type_name) in ids_of(text)
        assert not {name for name, value in hidden.items() if value in text}
        assert not [word for word in stage.south.telltales if word in text]
        headings = next(csv.reader(io.StringIO(text)))
        assert "notes" not in headings
        states = [(row["enable"], row["hide"]) for row in csv.DictReader(io.StringIO(text))]
        assert set(states) == {("true", "false")}
    assert text_of(plain(stage.visitor).search(type_name, {}, "?export=csv"), "csv").strip() == ""


@pytest.mark.parametrize("type_name", sorted(set(TYPES) - PUBLIC))
def test_private_types_are_exported_for_no_guest(stage: Stage, type_name: str) -> None:
    for label, caller in of_each_access(stage).items():
        assert text_of(plain(caller).search(type_name, {}, "?export=csv"), "csv").strip() == "", label


def test_below_a_foreign_parent_nothing_is_exported(stage: Stage) -> None:
    manager = stage.caller("manager")
    for public_id in (stage.south.id("journal"), NOWHERE):
        answer = plain(manager).post(f"/v3/crud/journal/{public_id}/entry/search?export=csv", {})
        expected = FOREIGN if public_id != NOWHERE else (404, "not_found", 404)
        assert answer.body is not None, text_of(answer, "csv")
        assert refusal(answer) == expected
