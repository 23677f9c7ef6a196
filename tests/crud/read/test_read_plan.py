"""What a read answers: views, nested rows, counts; and the plan behind it, which serves every account alike."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crud.declare.fields import Kind
from crud.declare.object_type import children_of, registry
from crud.read.read_plan import Read, bind, by_keys, compiled_plan, plan, view_names
from kernel.slots import ACCOUNT_SENTINEL, Slot
from tenancy.context import NoTenantError, every_tenant, tenant
from tenancy.principal import SUBJECT_SENTINEL, Access, Role
from tests.conftest import Party
from tests.crud.examples import Examples

MEMBER = Access(Role.USER, every_account=False)


@pytest.mark.parametrize("type_name", sorted(registry))
def test_the_views_of_a_type(type_name: str, north: Party) -> None:
    object_type = registry[type_name]
    examples = Examples(north)
    path = f"/v3/crud/{type_name}/{examples.one(type_name)}"
    plain = north.manager.get(path).data
    shown = {name for name, field in object_type.fields.items() if not field.kind.write_only}
    shown -= {name for name in object_type.restricted if object_type.restricted[name] == "super"}
    assert set(plain) == shown
    for view in view_names(object_type):
        added = {column.replace(".", "_") for column in object_type.views.get(view, [])}
        if view == "enriched":
            added |= {f"{child}_count" for child in object_type.counts}
        single = north.manager.get(f"{path}?view={view}").data
        assert set(single) == set(plain) | added
        assert {name: single[name] for name in plain} == plain
        listed = north.manager.get(f"/v3/crud/{type_name}/?view={view}&id={plain['id']}").data
        assert listed == [single]
    if type_name != "account":
        assert plain["account_id"] == north.id


@pytest.mark.parametrize("type_name", sorted(registry))
def test_inc_nests_the_row_that_a_reference_leads_to(type_name: str, north: Party) -> None:
    object_type = registry[type_name]
    examples = Examples(north)
    path = f"/v3/crud/{type_name}/{examples.one(type_name)}"
    for name, field in object_type.fields.items():
        if field.kind is not Kind.REFERENCE:
            continue
        relation = name.removesuffix("_id")
        answer = north.manager.get(f"{path}?inc_{relation}=true")
        assert answer.status == 200, answer.body
        row = answer.data
        if row[name] is None:
            assert row[relation] is None
        else:
            whole = north.manager.get(f"/v3/crud/{field.refers_to}/{row[name]}").data
            own_only = registry[str(field.refers_to)].own_only
            assert row[relation] == {key: value for key, value in whole.items() if key not in own_only}
        assert relation not in north.manager.get(f"{path}?inc_{relation}=false").data


def test_inc_hosted_file_flattens_what_clients_know(north: Party) -> None:
    examples = Examples(north)
    hosted = examples.another("hosted_file", size=2**40, content_type="video/mp4", hash_sha256="ab" * 32)
    event_file = examples.another("event_file", hosted_file_id=hosted)
    for path in (f"event_file/{event_file}?inc_hosted_file=true", "event_file/?inc_hosted_file=true"):
        data = north.member.get(f"/v3/crud/{path}").data
        row = data[0] if isinstance(data, list) else data
        assert row["hosted_file"] == north.member.get(f"/v3/crud/hosted_file/{hosted}").data
        assert row["hosted_file"]["size"] == 2**40
        assert {name: row[name] for name in row if name.startswith("hosted_file_") and name != "hosted_file_id"} == {
            "hosted_file_hash_sha256": "ab" * 32,
            "hosted_file_subdirectory_path": "00/00",
            "hosted_file_content_type": "video/mp4",
            "hosted_file_size": str(2**40),
        }
    bare = examples.another("archive_content", hosted_file_id=None)
    row = north.member.get(f"/v3/crud/archive_content/{bare}?inc_hosted_file=true").data
    assert (row["hosted_file"], row["hosted_file_size"], row["hosted_file_hash_sha256"]) == (None, None, None)


def test_names_of_what_a_row_refers_to(north: Party) -> None:
    examples = Examples(north)
    session = examples.one("event_session")
    north.administrator.patch(f"/v3/crud/event/{examples.one('event')}", {"name": "Congress"})
    north.administrator.patch(f"/v3/crud/event_location/{examples.one('event_location')}", {"name": "Hall A"})
    row = north.member.get(f"/v3/crud/event_session/{session}?view=enriched").data
    assert (row["account_name"], row["event_name"], row["event_location_name"]) == ("North", "Congress", "Hall A")
    north.administrator.patch(f"/v3/crud/event_session/{session}", {"event_location_id": None})
    row = north.member.get(f"/v3/crud/event_session/{session}?view=enriched").data
    assert (row["event_location_id"], row["event_location_name"]) == (None, None)


def test_counts_are_of_shown_children_only(north: Party) -> None:
    journal = north.member.create("journal", name="x")
    path = f"/v3/crud/journal/{journal['id']}"

    def counted() -> int:
        number: int = north.member.get(f"{path}?view=enriched").data["journal_entry_count"]
        return number

    assert counted() == 0
    for values in ({}, {}, {"hide": True}, {"enable": False}):
        assert north.member.post(f"{path}/entry/", {"name": "e"} | values).status == 201
    north.member.create("journal_entry", journal_id=north.member.create("journal", name="y")["id"])
    assert counted() == 2


def test_guests_see_public_fields_and_names_only(north: Party) -> None:
    examples = Examples(north)
    presenter = examples.one("event_presenter")
    north.administrator.patch(f"/v3/crud/event_presenter/{presenter}", {"email": "a@example.org", "notes": "private"})
    public = registry["event_presenter"].public_fields
    row = north.guest.get(f"/v3/crud/event_presenter/{presenter}").data
    assert set(row) == public
    enriched = north.guest.get(f"/v3/crud/event_presenter/{presenter}?view=enriched").data
    assert set(enriched) - public == {"account_name", "event_presentation_name", "event_session_name"}
    assert north.guest.get(f"/v3/crud/event_presenter/{presenter}?fields=email").error == ("database_schema", 1054)


# --- plans


def test_a_plan_holds_no_account_and_serves_all(north: Party, south: Party) -> None:
    for party in (north, south):
        party.member.create("journal", name=party.account.name)
    assert north.member.get("/v3/crud/journal/").status == 200
    before = compiled_plan.cache_info().misses
    assert [row["name"] for row in south.member.get("/v3/crud/journal/").data] == ["South"]
    assert [row["name"] for row in north.member.get("/v3/crud/journal/").data] == ["North"]
    assert compiled_plan.cache_info().misses == before


@pytest.mark.parametrize("type_name", sorted(registry))
def test_every_plan_of_an_account_is_held_to_it(type_name: str, db: None) -> None:
    for access in (MEMBER, Access(Role.GUEST, every_account=False), Access(Role.MANAGER, every_account=False)):
        compiled = plan(Read(type_name, access))
        assert not compiled.sql or ACCOUNT_SENTINEL in compiled.params


def test_a_plan_for_one_account_does_not_run_for_all(db: None) -> None:
    compiled = plan(Read("journal", MEMBER))
    with every_tenant(reason="what this test is about"), pytest.raises(RuntimeError):
        compiled.rows([])
    with pytest.raises(NoTenantError):
        compiled.rows([])


def test_a_plan_that_lost_its_account_is_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    object_type = registry["journal"]

    def unheld(self: Any, access: Access) -> Any:
        with every_tenant(reason="a defect in a rows() of some type"):
            return self.model.objects.all()

    monkeypatch.setattr(type(object_type), "rows", unheld)
    compiled_plan.cache_clear()
    with pytest.raises(RuntimeError, match="not held to an account"):
        plan(Read("journal", MEMBER))
    compiled_plan.cache_clear()


def test_a_plan_that_lost_what_the_principal_acts_for_is_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    exhibitor = Access(Role.EXHIBITOR, every_account=False, subject=47)
    compiled_plan.cache_clear()
    params = plan(Read("event_exhibit", exhibitor)).params
    assert 47 in params
    assert SUBJECT_SENTINEL not in params
    monkeypatch.setattr(type(registry["event_exhibit"]), "rows", lambda self, access: self.model.objects.all())
    compiled_plan.cache_clear()
    with pytest.raises(RuntimeError, match="not held to what the principal acts for"):
        plan(Read("event_exhibit", exhibitor))
    compiled_plan.cache_clear()


def test_values_never_stand_in_the_sql(north: Party) -> None:
    body = {"and": [{"field": "name", "op": "eq", "value": "s3cr3t"}, {"field": "sort", "op": "in", "value": [47, 11]}]}
    north.member.search("journal", {"q": "s3cr3t", **body})
    with tenant(north.account.pk):
        compiled = plan(
            Read("journal", MEMBER, ("and", ("compare", "name", "eq", 0, 1), ("compare", "sort", "in", 1, 2)))
        )
    assert [param for param in compiled.params if isinstance(param, Slot)] == [Slot(0), Slot(1), Slot(2)]
    with tenant(north.account.pk):
        assert bind(compiled.params, ["x", 5, 6])[-3:] == ["x", 5, 6]


def test_by_keys_drops_the_filter_and_keeps_the_rest() -> None:
    read = Read(
        "journal", MEMBER, ("null", "name"), "enriched", ("id",), (), (("name", True),), after=(True,), after_slot=3
    )
    assert by_keys(read, 4) == Read(
        "journal", MEMBER, view="enriched", fields=("id",), order=(("name", True),), key_count=4
    )


def test_a_child_that_may_not_be_read_is_not_counted(north: Party) -> None:
    exhibit = Examples(north).one("event")
    assert "event_exhibit_count" in north.member.get(f"/v3/crud/event/{exhibit}?view=enriched").data
    guest = north.guest.get(f"/v3/crud/event/{exhibit}?view=enriched").data
    assert "event_exhibit_count" not in guest
    assert guest["event_session_count"] == 0
    assert children_of(registry["event"])["exhibit"][0] is registry["event_exhibit"]


@pytest.mark.parametrize("type_name", sorted(registry))
def test_no_plan_lets_the_database_begin_at_a_parent(type_name: str, north: Party) -> None:
    """MariaDB chooses the order of INNER JOINs by its statistics; begun at a parent, a page sorts the whole table."""
    sql = plan(Read(type_name, MEMBER, view="enriched", order=(("updated_on", True),))).sql
    inner = re.findall(r"INNER JOIN .(\w+)", sql.rpartition(" WHERE ")[0].rpartition(" FROM ")[2])
    assert set(inner) <= {"account"}  # which is one row, by the condition on the account
    assert re.search(r" ORDER BY \S+ DESC, \S+ DESC$", sql)  # both alike, as an index is walked in one direction


def test_only_a_single_object_fetches_what_its_etag_is_made_from() -> None:
    for only, times in (("", 1), ("one", 2)):
        sql = re.sub('["`]', "", plan(Read("journal", MEMBER, only=only)).sql)
        assert sql.count("journal.updated_on") == times
