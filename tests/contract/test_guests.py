"""What somebody without a user may see: public types, visible rows, public fields, and no directory of the tenants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType, children_of, registry
from crud.read.page import ancestor_path
from crud.read.read_plan import view_names
from crud.read.search.grammar import OPERATORS
from tenancy.context import every_tenant, tenant
from tests.conftest import Answer, Caller
from tests.contract.conftest import (
    FOREIGN,
    NO_COLUMN,
    NOWHERE,
    TYPES,
    UNKNOWN,
    Stage,
    nothing_changes,
    refusal,
    without_traces,
)

PUBLIC = {
    *("site_domain", "event", "event_session", "event_presentation", "event_presenter"),
    *("post", "post_comment", "archive", "archive_content", "hosted_file"),
}
"""Contract, section 2.3."""

BASE = {"id", "account_id", "enable", "hide", "priority", "sort", "group", "created_on", "updated_on"}
PUBLIC_FIELDS = {
    "site_domain": {"fqdn", "is_primary", "site_id"},
    "event": {
        *("code", "name", "summary", "description", "type_code", "start_datetime", "end_datetime", "time_zone"),
        *("location_text", "site_id"),
    },
    "event_session": {
        *(
            "code",
            "name",
            "description",
            "type_code",
            "start_datetime",
            "end_datetime",
            "event_id",
            "event_location_id",
        ),
    },
    "event_presentation": {"code", "name", "description", "start_datetime", "end_datetime", "event_session_id"},
    "event_presenter": {
        *("given_name", "family_name", "full_name", "professional_title", "affiliations", "biography", "role_code"),
        *("event_presentation_id", "event_session_id"),
    },
    "post": {"title", "name", "content", "topic_code", "published_on", "site_id"},
    "post_comment": {"name", "content", "post_id"},
    "archive": {"name", "description", "code", "site_id"},
    "archive_content": {
        *("name", "description", "type_code", "url", "original_datetime", "credit", "archive_id", "hosted_file_id"),
    },
    "hosted_file": {
        *("hash_sha256", "subdirectory_path", "filename", "extension", "content_type", "size"),
        *("title", "description", "status"),
    },
}
PRIVATE = [name for name in TYPES if name not in PUBLIC]
of_every_public_type = pytest.mark.parametrize("type_name", sorted(PUBLIC))
of_every_private_type = pytest.mark.parametrize("type_name", PRIVATE)
LISTED = sorted(PUBLIC - {"site_domain"})
"""Public types that guests may list under something that they name."""


def guests(stage: Stage) -> dict[str, Caller]:
    return {"visitor": stage.visitor, "guest": stage.guest, "guest token": stage.token_guest}


def of_each_access(stage: Stage) -> dict[str, Caller]:
    """One guest without and one with an account: for what a token makes no difference to."""
    return {"visitor": stage.visitor, "guest": stage.guest}


def narrowed(stage: Stage) -> dict[str, Caller]:
    """Guests who act in North."""
    return {"guest": stage.guest, "guest token": stage.token_guest}


def private_values(stage: Stage, type_name: str) -> dict[str, str]:
    """The texts in North's row that guests must not see, by field; not those that a public field holds too."""
    manager = stage.caller("manager")
    shown = manager.get(f"/v3/crud/{type_name}/{stage.north.id(type_name)}?inc_account=true").data
    open_fields = BASE | PUBLIC_FIELDS[type_name]
    public = {str(value) for name, value in shown.items() if name in open_fields}
    return {
        name: value
        for name, value in shown.items()
        if name not in open_fields and isinstance(value, str) and value not in public and stage.north.canary in value
    }


def parent_relations(object_type: ObjectType) -> Iterator[tuple[str, str]]:
    """(the ancestor that must be visible too, the way there), all the way up."""
    for relation in object_type.public_parents:
        parent = object_type.related(relation)
        yield parent.name, relation
        yield from parent_relations(parent)


# Which types


def test_the_public_types_are_the_contracts() -> None:
    assert {name for name in TYPES if registry[name].guests} == PUBLIC


@of_every_public_type
def test_the_public_fields_are_those_decided_here(type_name: str) -> None:
    assert registry[type_name].public_fields == BASE | PUBLIC_FIELDS[type_name]
    assert {"notes", "email", "external_id", "person_id", "cfg_json"}.isdisjoint(registry[type_name].public_fields)


@of_every_private_type
def test_private_types_are_refused_by_id_and_list_and_found_empty(stage: Stage, type_name: str) -> None:
    for label, caller in of_each_access(stage).items():
        for public_id in (stage.north.id(type_name), stage.south.id(type_name), NOWHERE):
            for ending in ("", "?view=enriched", "/history"):
                assert refusal(caller.get(f"/v3/crud/{type_name}/{public_id}{ending}")) == FOREIGN, label
        assert caller("HEAD", f"/v3/crud/{type_name}/{stage.north.id(type_name)}").status == 403
        for query in ("", f"?for_obj_type=event&for_obj_id={stage.north.id('event')}", "?inc_total=true"):
            assert refusal(caller.get(f"/v3/crud/{type_name}/{query}")) == FOREIGN, label
        assert refusal(caller.get(f"/v3/crud/{type_name}/schema")) == FOREIGN, label
        own = {"field": "id", "op": "eq", "value": stage.north.id(type_name)}
        for body in ({}, {"q": "%"}, {"q": stage.north.canary}, {"and": [own]}):
            answer = caller.search(type_name, body, "?inc_total=true")
            assert (answer.status, answer.data, answer.meta["count"], answer.meta["total"]) == (200, [], 0, 0), label


def test_guests_are_told_of_public_types_only(stage: Stage) -> None:
    for label, caller in guests(stage).items():
        told = caller.get("/v3/crud/").data
        assert {entry["name"] for entry in told} == PUBLIC, label
        for entry in told:
            assert set(entry["children"]) | set(entry["parents"]) <= PUBLIC
            verbs = {verb for verb, allowed in entry["may"].items() if allowed}
            assert verbs == {"read"}


@of_every_public_type
def test_the_schema_for_guests_has_no_private_field(stage: Stage, type_name: str) -> None:
    for caller in guests(stage).values():
        schema = caller.get(f"/v3/crud/{type_name}/schema").data
        allowed = BASE | PUBLIC_FIELDS[type_name]
        assert {field["name"] for field in schema["fields"]} == allowed
        assert {column["name"] for column in schema["columns"]} == allowed
        assert schema["json_schema"]["create"]["properties"] == {}
        assert set(schema["views"]["default"]) == allowed


# Which rows


@of_every_public_type
def test_visible_rows_are_read_and_only_in_their_account(stage: Stage, type_name: str) -> None:
    own, foreign = (world.id(type_name) for world in (stage.north, stage.south))
    for label, caller in guests(stage).items():
        assert caller.get(f"/v3/crud/{type_name}/{own}").data["id"] == own, label
        assert refusal(caller.get(f"/v3/crud/{type_name}/{NOWHERE}")) == UNKNOWN, label
    for label, caller in narrowed(stage).items():
        assert refusal(caller.get(f"/v3/crud/{type_name}/{foreign}")) == FOREIGN, label
    # Without an account, by its id: public is public.
    assert stage.visitor.get(f"/v3/crud/{type_name}/{foreign}").data["id"] == foreign


@pytest.mark.parametrize("type_name", LISTED)
def test_a_guest_of_an_account_lists_its_visible_rows(stage: Stage, type_name: str) -> None:
    visible = stage.north.id(type_name)
    for state in ({"hide": True}, {"enable": False}, {"hide": True, "enable": False}):
        stage.north.make(type_name, **state)
    asked = "inc_total=true"
    for label, caller in narrowed(stage).items():
        for query in (asked, f"{asked}&enabled=all&hidden=all", f"{asked}&enabled=disabled", f"{asked}&hidden=hidden"):
            listed, found = caller.get(f"/v3/crud/{type_name}/?{query}"), caller.search(type_name, {}, f"?{query}")
            for answer in (listed, found):
                assert answer.status == 200, answer.body
                assert set(answer.ids) <= {visible, *(row.id_random for row in public_extras(stage, type_name))}, label
                assert visible in answer.ids
                assert answer.meta["total"] == len(answer.ids) == answer.meta["count"], label
                assert all(row["enable"] and not row["hide"] for row in answer.data)


def public_extras(stage: Stage, type_name: str) -> list[Any]:
    """Rows that the factory made on the way, visible too."""
    with tenant(stage.north.party.account.pk):
        return list(registry[type_name].model.objects.filter(enable=True, hide=False))


@pytest.mark.parametrize("type_name", LISTED)
def test_without_an_account_nobody_is_listed(stage: Stage, type_name: str) -> None:
    """No directory of the tenants: neither by nothing, nor by conditions that many rows meet, nor by an account."""
    visitor, own = stage.visitor, stage.north.id(type_name)
    conditions = [
        {"field": "id", "op": "ne", "value": NOWHERE},
        {"field": "id", "op": "is_not_null"},
        {"field": "id", "op": "in", "value": [own, stage.south.id(type_name)]},
        {"field": "enable", "op": "eq", "value": True},
        {"field": "created_on", "op": "gt", "value": "2000-01-01"},
        {"field": "account_id", "op": "eq", "value": stage.north.party.id},
        {"field": "account_id", "op": "is_not_null"},
        {"field": "account.id", "op": "eq", "value": stage.north.party.id},
    ]
    for body in (
        {},
        {"q": "%"},
        {"q": stage.north.canary},
        {"and": []},
        *({"and": [condition]} for condition in conditions),
        *({"or": [condition, {"field": "id", "op": "eq", "value": own}]} for condition in conditions),
        {"not": {"field": "id", "op": "ne", "value": own}},
        {"not": {"field": "id", "op": "eq", "value": NOWHERE}},
        {"and": [{"or": [{"field": "id", "op": "eq", "value": own}, {"field": "enable", "op": "eq", "value": True}]}]},
    ):
        answer = visitor.search(type_name, body, "?inc_total=true&order_by=-created_on")
        assert (answer.status, answer.data, answer.meta["total"]) == (200, [], 0), body
    for query in (
        *("", "?inc_total=true", "?limit=1000", "?enabled=all&hidden=all", "?order_by=created_on", "?enable=true"),
        f"?account_id={stage.north.party.id}",
        f"?account.id={stage.north.party.id}",
        f"?for_obj_type=account&for_obj_id={stage.north.party.id}",
        f"?id__in={own},{stage.south.id(type_name)}",
        "?id__ne=x",
    ):
        answer = visitor.get(f"/v3/crud/{type_name}/{query}")
        assert (answer.status, answer.data) == (200, []), query
        assert answer.meta.get("total", 0) == 0


@pytest.mark.parametrize("type_name", LISTED)
def test_no_way_round_through_a_relations_account(stage: Stage, type_name: str) -> None:
    """`site.account_id` names an account as `account_id` does."""
    for spec in registry[type_name].fields.values():
        if spec.kind is not Kind.REFERENCE:
            continue
        relation = spec.name.removesuffix("_id")
        for name in (f"{relation}.account_id", f"{relation}.id"):
            if name == "account.account_id":
                continue
            condition = {"field": name, "op": "eq", "value": stage.north.party.id}
            answer = stage.visitor.search(type_name, {"and": [condition]})
            assert answer.status == 400 or answer.data == [], (name, answer.body)


@pytest.mark.parametrize("type_name", [name for name in LISTED if registry[name].public_parents])
def test_without_an_account_rows_are_found_under_a_parent_that_is_named(stage: Stage, type_name: str) -> None:
    visitor, own = stage.visitor, stage.north.id(type_name)
    for relation in registry[type_name].public_parents:
        parent = registry[type_name].related(relation)
        parent_id = stage.north.id(parent.name)
        condition = {"field": f"{relation}_id", "op": "eq", "value": parent_id}
        for answer in (
            visitor.search(type_name, {"and": [condition]}),
            visitor.get(f"/v3/crud/{type_name}/?{relation}_id={parent_id}"),
            visitor.get(f"/v3/crud/{type_name}/?for_obj_type={parent.name}&for_obj_id={parent_id}"),
            visitor.get(f"/v3/crud/{parent.name}/{parent_id}/{type_name}/"),
            visitor.post(f"/v3/crud/{parent.name}/{parent_id}/{type_name}/search", {}),
        ):
            assert (answer.status, answer.ids) == (200, [own]), answer.body
        for answer in (
            visitor.search(type_name, {"and": [condition | {"value": NOWHERE}]}),
            visitor.get(f"/v3/crud/{type_name}/?for_obj_type={parent.name}&for_obj_id={NOWHERE}"),
        ):
            assert (answer.status, answer.data) == (200, [])


def absent_everywhere(stage: Stage, type_name: str, *, parent_hidden: bool) -> None:
    """North's row of the type is by no path to be had, nor counted."""
    own = stage.north.id(type_name)
    for label, caller in of_each_access(stage).items():
        answer = caller.get(f"/v3/crud/{type_name}/{own}")
        assert refusal(answer) == FOREIGN, (label, answer.body)
        assert caller("HEAD", f"/v3/crud/{type_name}/{own}").status == 403
        named = {"and": [{"field": "id", "op": "eq", "value": own}]}
        for query in ("?inc_total=true", "?enabled=all&hidden=all&inc_total=true", "?enabled=disabled&inc_total=true"):
            answer = caller.search(type_name, named, query)
            assert (answer.status, answer.data, answer.meta["total"]) == (200, [], 0), (label, query)
        assert own not in caller.get(f"/v3/crud/{type_name}/?enabled=all&hidden=all").ids, label
        for ancestor in sorted(PUBLIC):
            path = ancestor_path(type_name, ancestor)
            if path is None or ancestor == type_name:
                continue
            answer = caller.get(f"/v3/crud/{type_name}/?for_obj_type={ancestor}&for_obj_id={stage.north.id(ancestor)}")
            assert answer.status == 400 or answer.data == [], (label, ancestor)
        for relation in registry[type_name].parents:
            parent = registry[type_name].related(relation)
            if parent.name not in PUBLIC:
                continue
            below = f"/v3/crud/{parent.name}/{stage.north.id(parent.name)}"
            assert caller.get(f"{below}/{type_name}/{own}").status == 403, label
            listed = caller.get(f"{below}/{type_name}/")
            assert listed.status == 403 if parent_hidden and listed.status != 200 else listed.data == [], label
            shown = caller.get(f"{below}?view=enriched")
            if shown.status == 200 and type_name in parent.counts:
                assert shown.data[f"{type_name}_count"] == 0, label
    # In what refers to it: neither nested, nor by a name, nor to be asked for.
    for name in sorted(PUBLIC - {type_name}):
        for spec in registry[name].fields.values():
            if spec.refers_to != type_name:
                continue
            relation = spec.name.removesuffix("_id")
            for label, caller in of_each_access(stage).items():
                answer = caller.get(f"/v3/crud/{name}/{stage.north.id(name)}?view=enriched&inc_{relation}=true")
                texts = [
                    value for key, value in hidden_texts(stage, type_name).items() if key in PUBLIC_FIELDS[type_name]
                ]
                assert not [text for text in texts if text in str(answer.body)], (label, name, answer.body)


def hidden_texts(stage: Stage, type_name: str) -> dict[str, str]:
    shown = stage.caller("manager").get(f"/v3/crud/{type_name}/{stage.north.id(type_name)}").data
    return {name: value for name, value in shown.items() if isinstance(value, str) and stage.north.canary in value}


@of_every_public_type
@pytest.mark.parametrize("change", [{"hide": True}, {"enable": False}], ids=["hidden", "disabled"])
def test_a_hidden_or_disabled_row_is_absent_everywhere(stage: Stage, type_name: str, change: dict[str, bool]) -> None:
    alter(stage, type_name, change)
    absent_everywhere(stage, type_name, parent_hidden=False)


UNDER = [(name, parent) for name in sorted(PUBLIC) for parent, _ in parent_relations(registry[name])]


@pytest.mark.parametrize(("type_name", "parent"), UNDER)
@pytest.mark.parametrize("change", [{"hide": True}, {"enable": False}], ids=["hidden", "disabled"])
def test_what_is_under_a_hidden_parent_is_absent_everywhere(
    stage: Stage, type_name: str, parent: str, change: dict[str, bool]
) -> None:
    alter(stage, parent, change)
    absent_everywhere(stage, type_name, parent_hidden=True)


def alter(stage: Stage, type_name: str, change: dict[str, bool]) -> None:
    with tenant(stage.north.party.account.pk):
        row = registry[type_name].model.objects.get(id_random=stage.north.id(type_name))
        for name, value in change.items():
            setattr(row, name, value)
        row.save()


def test_a_hosted_file_is_public_only_while_it_hangs_on_something_public(stage: Stage) -> None:
    path = f"/v3/crud/hosted_file/{stage.north.id('hosted_file')}"
    lonely = stage.north.make("hosted_file").id_random
    for label, caller in guests(stage).items():
        assert caller.get(path).status == 200, label
        assert refusal(caller.get(f"/v3/crud/hosted_file/{lonely}")) == FOREIGN, label
    alter(stage, "hosted_file_link", {"enable": False})
    alter(stage, "archive_content", {"hide": True})
    for label, caller in guests(stage).items():
        assert refusal(caller.get(path)) == FOREIGN, label
    alter(stage, "archive_content", {"hide": False})
    alter(stage, "archive", {"enable": False})
    for label, caller in guests(stage).items():
        assert refusal(caller.get(path)) == FOREIGN, label
    alter(stage, "hosted_file_link", {"enable": True})  # it hangs on a public event
    for label, caller in guests(stage).items():
        assert caller.get(path).status == 200, label
    alter(stage, "event", {"hide": True})
    for label, caller in guests(stage).items():
        assert refusal(caller.get(path)) == FOREIGN, label


def test_a_link_to_something_private_makes_no_file_public(stage: Stage) -> None:
    for target in PRIVATE:
        lonely = stage.north.make("hosted_file")
        stage.north.make("hosted_file_link", hosted_file=lonely, link_to_type=target, link_to_id=stage.north.id(target))
        for label, caller in guests(stage).items():
            assert refusal(caller.get(f"/v3/crud/hosted_file/{lonely.id_random}")) == FOREIGN, (target, label)


def test_nothing_of_a_disabled_account_is_public(stage: Stage) -> None:
    with every_tenant(reason="tests suspend an account"):
        account = stage.north.party.account
        account.enable = False
        account.save()
    for type_name in sorted(PUBLIC):
        own = stage.north.id(type_name)
        assert refusal(stage.visitor.get(f"/v3/crud/{type_name}/{own}")) == FOREIGN, type_name
        found = stage.visitor.search(type_name, {"and": [{"field": "id", "op": "eq", "value": own}]})
        assert (found.status, found.data) == (200, [])
        assert refusal(stage.guest.get(f"/v3/crud/{type_name}/{own}")) == FOREIGN, type_name
    for fqdn in (stage.north.party.fqdn, stage.north.rows["site_domain"].fqdn):
        assert stage.visitor.search("site_domain", {"q": fqdn}).data == []


# Which fields


@of_every_public_type
def test_private_fields_are_not_shown(stage: Stage, type_name: str) -> None:
    hidden = private_values(stage, type_name)
    own = stage.north.id(type_name)
    includes = [
        spec.name.removesuffix("_id") for spec in registry[type_name].fields.values() if spec.kind is Kind.REFERENCE
    ]
    for label, caller in of_each_access(stage).items():
        for view in view_names(registry[type_name]):
            for include in ["", *includes]:
                query = f"?view={view}" + (f"&inc_{include}=true" if include else "")
                for answer in (
                    caller.get(f"/v3/crud/{type_name}/{own}{query}"),
                    caller.search(type_name, {"and": [{"field": "id", "op": "eq", "value": own}]}, query),
                ):
                    leaks = {name for name, value in hidden.items() if value in str(answer.body)}
                    assert not leaks, (label, query, leaks)
                    if answer.status == 200 and isinstance(answer.data, dict) and view == "default" and not include:
                        assert set(answer.data) == BASE | PUBLIC_FIELDS[type_name]


def nested_rows(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in data.items():
        if isinstance(value, dict) and "id" in value:
            yield name, value


@of_every_public_type
def test_included_rows_show_public_fields_only(stage: Stage, type_name: str) -> None:
    own = stage.north.id(type_name)
    with every_tenant(reason="the tests look at all texts of what is referred to"):
        related = {
            spec.name.removesuffix("_id"): spec.refers_to
            for spec in registry[type_name].fields.values()
            if spec.kind is Kind.REFERENCE
        }
    for label, caller in of_each_access(stage).items():
        for relation, target in related.items():
            assert target is not None
            public = registry[type_name].fields[f"{relation}_id"].public
            answer = caller.get(f"/v3/crud/{type_name}/{own}?inc_{relation}=true")
            if not public:
                assert answer.status == 400, (label, relation, answer.body)
                assert relation not in str(answer.body["data"])
            elif answer.status == 200:
                for name, row in nested_rows(answer.data):
                    assert set(row) <= registry[target].public_fields, (label, name)


@of_every_public_type
def test_private_fields_can_be_neither_chosen_filtered_nor_sorted_by(stage: Stage, type_name: str) -> None:
    """Word for word as a field that does not exist; and the rows that are found do not differ by the hidden value."""
    allowed = BASE | PUBLIC_FIELDS[type_name]
    for spec in registry[type_name].fields.values():
        if spec.name in allowed:
            continue
        for label, caller in of_each_access(stage).items():
            answers = []
            for name in (spec.name, "nonesuch"):
                operator = "eq" if "eq" in OPERATORS[spec.kind] else "is_null"
                value = True if spec.kind is Kind.BOOLEAN else stage.north.canary
                condition = {"field": name, "op": operator, "value": value}
                own = {"field": "id", "op": "eq", "value": stage.north.id(type_name)}
                answers.append(
                    [
                        without_traces(answer, name)
                        for answer in (
                            caller.get(f"/v3/crud/{type_name}/?fields=id,{name}"),
                            caller.get(f"/v3/crud/{type_name}/{stage.north.id(type_name)}?fields={name}"),
                            caller.get(f"/v3/crud/{type_name}/?{name}=x"),
                            caller.get(f"/v3/crud/{type_name}/?{name}__is_null="),
                            caller.get(f"/v3/crud/{type_name}/?id={stage.north.id(type_name)}&order_by={name}"),
                            caller.get(f"/v3/crud/{type_name}/?id={stage.north.id(type_name)}&order_by=-{name}"),
                            caller.search(type_name, {"and": [own, condition]}),
                            caller.search(type_name, {"and": [own], "not": condition}),
                            caller.search(type_name, {"and": [own], "or": [own, condition]}),
                        )
                    ]
                )
            assert answers[0] == answers[1], (label, spec.name)


@of_every_public_type
def test_a_private_field_is_refused_as_an_unknown_column(stage: Stage, type_name: str) -> None:
    own = stage.north.id(type_name)
    named = {"field": "id", "op": "eq", "value": own}
    if type_name == "site_domain":
        named = {"field": "fqdn", "op": "eq", "value": stage.north.rows[type_name].fqdn}
    for caller in guests(stage).values():
        condition = {"field": "notes", "op": "like", "value": "%"}
        assert refusal(caller.search(type_name, {"and": [named, condition]})) == NO_COLUMN
        assert (
            refusal(caller.get(f"/v3/crud/{type_name}/?{named['field']}={named['value']}&order_by=notes")) == NO_COLUMN
        )
        assert refusal(caller.get(f"/v3/crud/{type_name}/{own}?fields=notes")) == NO_COLUMN


@of_every_public_type
def test_relations_show_no_more_to_guests_than_the_related_type_does(stage: Stage, type_name: str) -> None:
    """`relation.field` in filters and sorts, and for_obj over a relation that guests do not see."""
    own = {"field": "id", "op": "eq", "value": stage.north.id(type_name)}
    if type_name == "site_domain":
        own = {"field": "fqdn", "op": "eq", "value": stage.north.rows[type_name].fqdn}
    for spec in registry[type_name].fields.values():
        if spec.kind is not Kind.REFERENCE:
            continue
        assert spec.refers_to is not None
        relation, related = spec.name.removesuffix("_id"), registry[spec.refers_to]
        for inner in related.fields.values():
            allowed = spec.public and inner.public
            for label, caller in {"visitor": stage.visitor}.items():
                name = f"{relation}.{inner.name}"
                condition = {"field": name, "op": "is_null"}
                answer = caller.search(type_name, {"and": [own, condition]})
                assert answer.status == (200 if allowed else 400), (label, name, answer.body)
                if not allowed:
                    assert refusal(answer) == NO_COLUMN, (label, name)
                    answer = caller.get(f"/v3/crud/{type_name}/?{own['field']}={own['value']}&order_by={name}")
                    assert answer.status == 400, (label, name)
                    assert caller.get(f"/v3/crud/{type_name}/?{own['field']}={own['value']}&{name}=x").status == 400, (
                        label,
                        name,
                    )


@pytest.mark.parametrize("type_name", LISTED)
def test_for_obj_walks_no_relation_that_guests_do_not_see(stage: Stage, type_name: str) -> None:
    """Else it tells whether a row hangs on a person, which the row itself does not say."""
    for ancestor in TYPES:
        path = ancestor_path(type_name, ancestor)
        if path is None or ancestor == "account":
            continue
        step, visible = registry[type_name], True
        for relation in path.split("__"):
            visible = visible and step.fields[f"{relation}_id"].public
            step = step.related(relation)
        if visible:
            continue
        for label, caller in of_each_access(stage).items():
            query = f"for_obj_type={ancestor}&for_obj_id="
            right = caller.get(f"/v3/crud/{type_name}/?{query}{stage.north.id(ancestor)}")
            wrong = caller.get(f"/v3/crud/{type_name}/?{query}{NOWHERE}")
            same = without_traces(right, stage.north.id(ancestor)) == without_traces(wrong, NOWHERE)
            assert same, (label, ancestor, right.body)


@pytest.mark.parametrize("type_name", LISTED)
def test_q_looks_in_public_fields_only(stage: Stage, type_name: str) -> None:
    hidden = private_values(stage, type_name)
    assert set(registry[type_name].search_text) <= registry[type_name].public_fields
    for label, caller in narrowed(stage).items():
        for name, value in hidden.items():
            word = value.removeprefix("<p>").removesuffix("</p>").split("@")[0]
            assert caller.search(type_name, {"q": word}).data == [], (label, name)


def test_nothing_private_about_a_presenter_or_a_site(stage: Stage) -> None:
    """The contract's own examples, word for word."""
    presenter = stage.north.rows["event_presenter"]
    site = stage.north.rows["site"]
    for caller in guests(stage).values():
        shown = caller.get(f"/v3/crud/event_presenter/{presenter.id_random}?view=enriched").data
        assert "email" not in shown
        assert presenter.email not in str(shown)
        for type_name in ("event", "post", "archive", "site_domain"):
            answer = caller.get(f"/v3/crud/{type_name}/{stage.north.id(type_name)}?view=enriched&inc_site=true")
            assert "passcodes" not in str(answer.body)
            assert site.description not in str(answer.body)
            assert str(site.cfg_json["word"]) not in str(answer.body)


# The handshake


def test_a_domain_is_found_by_its_exact_name_only(stage: Stage) -> None:
    fqdn, foreign = stage.north.party.fqdn, stage.south.party.fqdn
    exact = {"field": "fqdn", "op": "eq", "value": fqdn}
    for label, caller in guests(stage).items():
        for answer in (
            caller.search("site_domain", {"and": [exact]}),
            caller.search("site_domain", {"q": fqdn}),
            caller.search("site_domain", {"q": f" {fqdn.upper()} "}),
            caller.search("site_domain", {"and": [exact | {"value": f"{fqdn}."}]}),
            caller.get(f"/v3/crud/site_domain/?fqdn={fqdn}"),
        ):
            assert (answer.status, [row["fqdn"] for row in answer.data]) == (200, [fqdn]), (label, answer.body)
            assert set(answer.data[0]) == BASE | PUBLIC_FIELDS["site_domain"]
        for text in ("nobody.example.org", f"x{fqdn}", fqdn[:-1], f"{fqdn}..", "", NOWHERE):
            unknown = caller.search("site_domain", {"and": [exact | {"value": text}]})
            assert (unknown.status, unknown.data) == (200, []), (label, text)
        for body in (
            {},
            {"and": []},
            {"q": "%"},
            {"q": ""},
            {"q": "example"},
            {"q": fqdn[:-1]},
            {"q": "north"},
            {"and": [exact | {"op": "like", "value": "%"}]},
            {"and": [exact | {"op": "ne", "value": ""}]},
            {"and": [exact | {"op": "contains", "value": "example"}]},
            {"and": [exact | {"op": "starts_with", "value": fqdn}]},
            {"and": [exact | {"op": "in", "value": [fqdn, foreign]}]},
            {"and": [exact | {"op": "between", "value": ["a", "z"]}]},
            {"and": [exact | {"op": "gte", "value": "a"}]},
            {"or": [exact, exact | {"value": foreign}]},
            {"or": [exact, exact | {"op": "ne", "value": ""}]},
            {"not": exact | {"op": "ne"}},
            {"not": {"not": exact}},
            {"and": [{"or": [exact]}]},
            {"and": [{"field": "site_id", "op": "eq", "value": stage.north.party.site.id_random}]},
            {"and": [{"field": "account_id", "op": "eq", "value": stage.north.party.id}]},
        ):
            for query in ("", "?inc_total=true", "?order_by=fqdn", "?limit=1000&enabled=all&hidden=all"):
                answer = caller.search("site_domain", body, query)
                assert (answer.status, answer.data, answer.meta.get("total", 0)) == (200, [], 0), (label, body, query)
        for query in (
            *("", "?order_by=fqdn", "?fqdn__like=%25", "?fqdn__ne=x", f"?fqdn__in={fqdn}", "?is_primary=false"),
            f"?for_obj_type=site&for_obj_id={stage.north.party.site.id_random}",
            f"?site_id={stage.north.party.site.id_random}",
            f"?account_id={stage.north.party.id}",
        ):
            answer = caller.get(f"/v3/crud/site_domain/{query}")
            assert (answer.status, answer.data) == (200, []), (label, query)
        below = caller.get(f"/v3/crud/site/{stage.north.party.site.id_random}/site_domain/")
        assert refusal(below) == FOREIGN, label
    for caller in narrowed(stage).values():
        assert caller.search("site_domain", {"q": foreign}).data == []
    assert [row["fqdn"] for row in stage.visitor.search("site_domain", {"q": foreign}).data] == [foreign]


def test_widening_an_exact_name_is_no_way_round(stage: Stage) -> None:
    """Two conditions by AND narrow; nothing beside the exact one widens."""
    exact = {"field": "fqdn", "op": "eq", "value": stage.north.party.fqdn}
    other = exact | {"value": stage.south.party.fqdn}
    for body in ({"and": [exact, other]}, {"and": [exact], "or": [other]}, {"and": [exact], "not": exact}):
        answer = stage.visitor.search("site_domain", body)
        assert (answer.status, answer.data) == (200, []), body
    answer = stage.visitor.search("site_domain", {"and": [exact], "or": [other, exact]})
    assert [row["fqdn"] for row in answer.data] == [stage.north.party.fqdn]


# Writing


@pytest.mark.parametrize("type_name", TYPES)
def test_guests_write_nothing(stage: Stage, type_name: str) -> None:
    payload = stage.north.payload(type_name)
    own = f"/v3/crud/{type_name}/{stage.north.id(type_name)}"
    parents = [registry[type_name].related(relation).name for relation in registry[type_name].parents]
    with nothing_changes():
        for label, caller in of_each_access(stage).items():
            attempts: list[tuple[str, str, Any]] = [
                ("POST", f"/v3/crud/{type_name}/", payload),
                ("PATCH", own, {"notes": "x"}),
                ("PATCH", own, {}),
                ("DELETE", own, None),
                ("DELETE", f"{own}?method=hide", None),
                ("DELETE", f"{own}?method=disable", None),
                ("DELETE", f"{own}?method=delete", None),
                ("POST", f"/v3/crud/{type_name}/bulk", {"create": [payload]}),
                ("POST", f"/v3/crud/{type_name}/bulk", {"update": [{"id": stage.north.id(type_name), "notes": "x"}]}),
                ("POST", f"/v3/crud/{type_name}/bulk", {"delete": [stage.north.id(type_name)]}),
                *(("POST", f"/v3/crud/{parent}/{stage.north.id(parent)}/{type_name}/", payload) for parent in parents),
            ]
            for method, path, body in attempts:
                assert refusal(caller(method, path, body)) == FOREIGN, (label, method, path)
                assert refusal(caller(method, path, body, **{"x-ae-ignore-extra-fields": "true"})) == FOREIGN
                if method == "POST":
                    assert refusal(caller(method, path, body, idempotency_key="k")) == FOREIGN, (label, path)


@of_every_public_type
def test_no_other_verb_reaches_a_write(stage: Stage, type_name: str) -> None:
    """AUTZ-04."""
    own = f"/v3/crud/{type_name}/{stage.north.id(type_name)}"
    with nothing_changes():
        for caller in (stage.guest, stage.visitor):
            for method in ("PUT", "TRACE", "CONNECT", "PROPFIND", "LOCK"):
                answer = caller(method, own)
                assert answer.status == 405, (method, answer.body)
                assert refusal(answer)[1] == "validation"
            for header in ("x-http-method-override", "x-method-override", "x-http-method"):
                assert caller.get(own, **{header: "DELETE"}).status == 200
                assert caller.post(own, {}, **{header: "DELETE"}).status == 405
            assert caller.get(f"{own}?_method=DELETE").status == 400
            allowed: Answer = caller("OPTIONS", own)
            assert allowed.status == 204


def test_every_child_word_is_known_to_the_tests_of_guests() -> None:
    """Guests reach children below public parents; each such child is either public or refused."""
    for parent in sorted(PUBLIC):
        for child, _ in children_of(registry[parent]).values():
            assert child.name in PUBLIC or child.name in PRIVATE
