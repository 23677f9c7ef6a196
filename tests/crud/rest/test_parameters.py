"""The query parameters of lists and searches: what each does, and that nothing unknown is let pass."""

from __future__ import annotations

from typing import Any

import pytest

from crud.declare.object_type import registry
from tests.conftest import Party
from tests.crud.examples import Examples

REFUSED: dict[str, list[str]] = {
    "no such field": [
        "colour=red",
        "page=2",
        "page_size=5",
        "q=x",
        "search=x",
        "ordering=name",
        "format=json",
        "callback=x",
    ],
    "aggregates": ["group_by=name", "distinct=name", "count(password)=1", "aggregate[min]=passcode", "facets=x"],
    "aliases": ["alias[x]=name", "exclude=name", "unique_values=name", "filter[name]=x", "name[]=x"],
    "limit": [
        f"limit={value}" for value in ("0", "-1", "1001", "1000000000", str(2**63), "9" * 30, "abc", "", "1;2", "1.5")
    ],
    "limit, oddly": [f"limit={value}" for value in ("%2B5", "5%20", "0x10", "1e2", "%D9%A5", "null", "true", "١")],
    "offset": [f"offset={value}" for value in ("-1", str(2**31 + 1), str(2**63), "9" * 30, "abc", "", "1.5")],
    "states": ["enabled=true", "enabled=", "enabled=ALL", "hidden=false", "hidden=hide", "hidden="],
    "view": ["view=", "view=no_such", "view=Default", "view=default%20", "view=enriched,default"],
    "inc_total": ["inc_total=perhaps", "inc_total=2", "inc_total=yes"],
    "inc_relation": [
        "inc_no_such=true",
        "inc_=true",
        "inc_journal_id=true",
        "inc_person=perhaps",
        "inc_journal__account=true",
    ],
    "order_by": ["order_by=", "order_by=,", "order_by=name,", "order_by=-", "order_by=--name", "order_by=name,name"],
    "order_by, twice": ["order_by=name,-name", "order_by=" + ",".join(f"f{n}" for n in range(9))],
    "order_by, not sortable": ["order_by=notes", "order_by=tags_json"],
    "order_by, unknown": [
        "order_by=no_such",
        "order_by=?",
        "order_by=name%20desc",
        "order_by=pk",
        "order_by=journal__name",
    ],
    "fields": [
        "fields=",
        "fields=,",
        "fields=no_such",
        "fields=name,no_such",
        "fields=*",
        "fields=pk",
        "fields=id_random",
    ],
    "fields of others": [
        "fields=account.name",
        "fields=journal__name",
        "fields=account_name",
        "fields=default_qry_str",
    ],
    "for_obj": [
        "for_obj_type=journal",
        "for_obj_id=x",
        "for_obj_type=no_such&for_obj_id=x",
        "for_obj_type=event&for_obj_id=x",
    ],
    "doubles": [
        "limit=5&limit=5",
        "name=a&name=a",
        "order_by=name&order_by=name",
        "view=default&view=default",
        "fields=id&fields=id",
    ],
    "operators": [
        "name__regex=x",
        "name__icontains=x",
        "name__=",
        "name__eq__eq=x",
        "sort__year=5",
        "name__exact=x",
        "__eq=x",
    ],
    "misfits": [
        "sort=x",
        "sort=",
        "sort__gt=5.5",
        f"sort={10**30}",
        f"sort={'9' * 60}",
        "latitude=nan",
        "latitude=inf",
        "sort=0x5",
    ],
    "more misfits": [
        "enable=perhaps",
        "start_datetime=soon",
        "start_datetime__gt=",
        "sort__in=1,x",
        "sort__between=1",
        "sort=1_0",
    ],
    "operators that do not fit": [
        "sort__like=1",
        "notes=x",
        "tags_json=x",
        "enable__gt=1",
        "journal_id__like=x",
        "id__gt=x",
    ],
    "no name": ["=x", "=", "limit=5&=x"],
    "nul": ["name=%00", "%00=x", "limit=%00", "order_by=name%00"],
    "null": ["name__is_null=perhaps", "name__is_null=2"],
    "cursor": ["cursor=x", "cursor=AAAA", "cursor=%20", "cursor=😀"],
}


@pytest.mark.parametrize(
    ("group", "query"), [(group, query) for group, queries in REFUSED.items() for query in queries]
)
def test_refused_in_lists_and_searches_alike(group: str, query: str, north: Party) -> None:
    for answer in (
        north.member.get(f"/v3/crud/journal_entry/?{query}"),
        north.member.search("journal_entry", {}, f"?{query}"),
    ):
        assert answer.status == 400, answer.body
        assert answer.error in (("validation", 400), ("database_schema", 1054))
        assert answer.meta["details"]["fields"]


@pytest.mark.parametrize(
    ("query", "clause"), [("no_such=1", "WHERE"), ("order_by=no_such", "ORDER BY"), ("fields=no_such", "SELECT")]
)
def test_an_unknown_field_is_named_with_its_clause(query: str, clause: str, north: Party) -> None:
    refused = north.member.get(f"/v3/crud/journal/?{query}")
    assert refused.error == ("database_schema", 1054)
    assert refused.meta["status_message"] == f"Unknown column 'no_such' in '{clause}'"


def test_single_objects_take_the_parameters_of_their_shape_only(north: Party) -> None:
    entry = Examples(north).one("journal_entry")
    path = f"/v3/crud/journal_entry/{entry}"
    for good in ("view=enriched", "fields=id,name", "inc_journal=true", "view=enriched&fields=id,account_name"):
        assert north.member.get(f"{path}?{good}").status == 200
        assert north.member.patch(f"{path}?{good}", {}).status == 200
    for bad in (
        "limit=1",
        "name=x",
        "order_by=name",
        "inc_total=true",
        "enabled=all",
        "no_such=1",
        "cursor=x",
        "view=x",
    ):
        for answer in (north.member.get(f"{path}?{bad}"), north.member.patch(f"{path}?{bad}", {"name": "changed"})):
            assert (answer.status, answer.error) == (400, ("validation", 400)), bad
        assert north.member.delete(f"{path}?{bad}").status == 400
    assert north.member.get(path).data["name"] != "changed"
    assert north.member.get(path).data["hide"] is False


def test_a_thousand_parameters_are_refused_in_the_envelope(north: Party) -> None:
    query = "&".join(f"f{number}=1" for number in range(1_200))
    answer = north.member.get(f"/v3/crud/journal/?{query}")
    assert (answer.status, answer.error) == (400, ("validation", 400))
    assert answer.headers["X-Request-Id"] == answer.meta["request_id"]


def names(party: Party, query: str, type_name: str = "journal") -> list[str]:
    answer = party.member.get(f"/v3/crud/{type_name}/?{query}")
    assert answer.status == 200, answer.body
    return [row["name"] for row in answer.data]


def test_states(north: Party) -> None:
    for name, enable, hide in (("plain", 1, 0), ("disabled", 0, 0), ("hidden", 1, 1), ("both", 0, 1)):
        north.member.create("journal", name=name, enable=enable, hide=hide)
    assert names(north, "") == ["plain"]
    assert names(north, "enabled=disabled") == ["disabled"]
    assert names(north, "enabled=all") == ["plain", "disabled"]
    assert names(north, "hidden=hidden") == ["hidden"]
    assert names(north, "hidden=all") == ["plain", "hidden"]
    assert names(north, "enabled=all&hidden=all") == ["plain", "disabled", "hidden", "both"]
    assert names(north, "enabled=disabled&hidden=hidden") == ["both"]
    assert names(north, "enabled=all&hidden=all&enable=false") == ["disabled", "both"]
    assert names(north, "hide=true") == []
    both = north.member.search("journal", {}, "?enabled=disabled&hidden=hidden")
    assert [row["name"] for row in both.data] == ["both"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=ANN", ["Ann"]),
        ("name__eq=ann", ["Ann"]),
        ("name__ne=ann", ["Bob, Cy", "%"]),
        ("name__%21%3D=ann", ["Bob, Cy", "%"]),
        ("name__in=ann,%25", ["Ann", "%"]),
        ("name__nin=ann", ["Bob, Cy", "%"]),
        ("name__contains=%25", ["%"]),
        ("name__contains=b,", ["Bob, Cy"]),
        ("name__like=_nn", ["Ann"]),
        ("name__starts_with=bo", ["Bob, Cy"]),
        ("name__startswith=bo", ["Bob, Cy"]),
        ("name__not_contains=o", ["Ann", "%"]),
        ("name__gt=ann", ["Bob, Cy"]),
        ("sort=1", ["Ann"]),
        ("sort=-2", ["%"]),
        ("sort__gte=1", ["Ann"]),
        ("sort__%3E%3D=1", ["Ann"]),
        ("sort__between=-5,5", ["Ann", "%"]),
        ("sort__in=1,-2", ["Ann", "%"]),
        ("sort__is_null=", ["Bob, Cy"]),
        ("sort__is_null=true", ["Bob, Cy"]),
        ("sort__is_null=false", ["Ann", "%"]),
        ("sort__is_not_null=1", ["Ann", "%"]),
        ("sort__is_not_null=0", ["Bob, Cy"]),
        ("type_code=", ["Ann"]),
        ("type_code__is_null=true", ["Bob, Cy", "%"]),
        ("priority=true", ["Ann"]),
        ("priority=0", ["Bob, Cy", "%"]),
        ("account.name=north", ["Ann", "Bob, Cy", "%"]),
        ("person.given_name__is_null=true", ["Ann", "Bob, Cy", "%"]),
        ("name=ann&sort=1", ["Ann"]),
        ("name=ann&sort=2", []),
        ("created_on__gt=2000-01-01", ["Ann", "Bob, Cy", "%"]),
        ("created_on__lt=2000-01-01T00:00:00%2B01:00", []),
    ],
)
def test_filters(query: str, found: list[str], north: Party) -> None:
    north.member.create("journal", name="Ann", sort=1, priority=True, type_code="")
    north.member.create("journal", name="Bob, Cy")
    north.member.create("journal", name="%", sort=-2)
    assert names(north, query) == found


def test_limit_offset_and_total(north: Party) -> None:
    for number in range(5):
        north.member.create("journal", name=f"j{number}")
    plain = north.member.get("/v3/crud/journal/")
    assert {key: plain.meta[key] for key in ("count", "limit", "offset", "next_cursor")} == {
        "count": 5,
        "limit": 100,
        "offset": 0,
        "next_cursor": None,
    }
    assert "total" not in plain.meta
    some = north.member.get("/v3/crud/journal/?limit=2&offset=3&inc_total=true&name__like=j%25")
    assert [row["name"] for row in some.data] == ["j3", "j4"]
    assert (some.meta["count"], some.meta["limit"], some.meta["offset"], some.meta["total"]) == (2, 2, 3, 5)
    assert some.meta["next_cursor"] is None
    beyond = north.member.get("/v3/crud/journal/?offset=2147483648&inc_total=true")
    assert (beyond.data, beyond.meta["total"]) == ([], 5)
    assert north.member.get("/v3/crud/journal/?inc_total=false").meta.get("total") is None
    assert north.member.get("/v3/crud/journal/?limit=1000").meta["limit"] == 1000


def test_the_total_is_that_of_the_filter_and_the_account(north: Party, south: Party) -> None:
    for party in (north, south):
        for number in range(3):
            party.member.create("journal", name=f"j{number}", hide=number == 2)
    assert north.member.get("/v3/crud/journal/?limit=1&inc_total=true").meta["total"] == 2
    assert north.member.search("journal", {"q": "j1"}, "?inc_total=true").meta["total"] == 1
    assert north.member.get("/v3/crud/journal/?hidden=all&inc_total=true&offset=1").meta["total"] == 3
    cursor = north.member.get("/v3/crud/journal/?limit=1").meta["next_cursor"]
    assert north.member.get(f"/v3/crud/journal/?inc_total=true&cursor={cursor}").meta["total"] == 2


def test_fields_choose_what_is_answered(north: Party) -> None:
    entry = Examples(north).one("journal_entry")
    get = north.member.get
    assert get(f"/v3/crud/journal_entry/{entry}?fields=id,%20name").data == {"id": entry, "name": "Entry 1"}
    assert list(get("/v3/crud/journal_entry/?fields=name").data[0]) == ["name"]
    enriched = get("/v3/crud/journal_entry/?view=enriched&fields=journal_name,account_id").data
    assert enriched == [{"journal_name": "journal 2", "account_id": north.id}]
    every = ",".join(registry["journal_entry"].fields)
    assert get(f"/v3/crud/journal_entry/{entry}?fields={every}").data == get(f"/v3/crud/journal_entry/{entry}").data
    nested = get(f"/v3/crud/journal_entry/{entry}?fields=id&inc_journal=true").data
    assert list(nested) == ["id", "journal"]


def test_for_obj_names_any_ancestor(north: Party, south: Party) -> None:
    examples = Examples(north)
    presenter = examples.one("event_presenter")
    for ancestor in ("event", "event_session", "event_presentation", "person", "account", "site"):
        query = f"for_obj_type={ancestor}&for_obj_id={examples.one(ancestor)}"
        answer = north.member.get(f"/v3/crud/event_presenter/?{query}")
        assert (answer.status, answer.ids if answer.data else []) == (200, [presenter]), ancestor
        assert north.member.search("event_presenter", {}, f"?{query}").ids == [presenter]
    other = north.administrator.create("event", name="other")
    for public_id in (other["id"], "AAAAAAAAAAA", south.id, "x y", "%27"):
        assert north.member.get(f"/v3/crud/event_presenter/?for_obj_type=event&for_obj_id={public_id}").data == []


def test_for_obj_finds_what_hangs_on_an_object_by_type_and_id(north: Party) -> None:
    examples = Examples(north)
    link = examples.one("hosted_file_link")
    query = f"for_obj_type=event&for_obj_id={examples.one('event')}"
    assert north.member.get(f"/v3/crud/hosted_file_link/?{query}").ids == [link]
    assert north.member.get("/v3/crud/hosted_file_link/?for_obj_type=event&for_obj_id=AAAAAAAAAAA").data == []
    assert (
        north.member.get(f"/v3/crud/hosted_file_link/?for_obj_type=post&for_obj_id={examples.one('post')}").data == []
    )


@pytest.mark.parametrize("name", ["for_obj_type", "for_obj_id", "limit", "enabled", "order_by"])
def test_parameters_are_no_fields(name: str) -> None:
    fields: set[Any] = {field for object_type in registry.values() for field in object_type.fields}
    assert name not in fields
