"""From North, with every right that North can have, nothing of South is read, changed, counted or guessed.

Each test goes over every registered type. `Watched` callers assert on each answer that it holds nothing of South.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import pytest
from django.db import connection

from accounts.models import ApiKey
from crud.declare.fields import Kind
from crud.declare.object_type import registry
from crud.read import columns, page, read_plan
from crud.read.page import ancestor_path
from crud.read.read_plan import view_names
from crud.read.search.grammar import OPERATORS, ORDERED
from tenancy.context import EVERY_TENANT, NoTenantError, current_scope, every_tenant, tenant
from tenancy.principal import Role, current_principal
from tests.conftest import Answer, Caller
from tests.contract.conftest import (
    BAD_REFERENCE,
    FOREIGN,
    NOWHERE,
    TYPES,
    UNKNOWN,
    Stage,
    Watched,
    everything,
    nothing_changes,
    refusal,
    without_traces,
)
from tests.contract.factory import World

ROLES = ("user", "administrator", "manager")
PARTIES = ("user", "administrator", "manager", "super")
of_every_type = pytest.mark.parametrize("type_name", TYPES)


def references(type_name: str) -> list[str]:
    """The reference fields, without the one to the type itself that the factory leaves empty."""
    return [f.name for f in registry[type_name].fields.values() if f.kind is Kind.REFERENCE]


def writable_references(type_name: str) -> list[Any]:
    return [f for f in registry[type_name].fields.values() if f.kind is Kind.REFERENCE and not f.read_only]


def insiders(stage: Stage) -> Iterator[tuple[Role, Watched]]:
    for role in ROLES:
        yield Role.named(role), stage.caller(role)
    yield Role.SUPER, stage.super_key


def may(type_name: str, verb: str, role: Role) -> bool:
    return role >= registry[type_name].least_role(verb)


# One row by its id


@of_every_type
def test_another_accounts_row_is_refused_and_an_unknown_id_is_not_found(stage: Stage, type_name: str) -> None:
    foreign, unknown = f"/v3/crud/{type_name}/{stage.south.id(type_name)}", f"/v3/crud/{type_name}/{NOWHERE}"
    own = f"/v3/crud/{type_name}/{stage.north.id(type_name)}"
    with nothing_changes():
        for role, caller in insiders(stage):
            for method, body, verb, query in (
                ("GET", None, "read", ""),
                ("GET", None, "read", "?view=enriched"),
                ("PATCH", {}, "update", ""),
                ("PATCH", {"notes": "x", "hide": True}, "update", ""),
                ("DELETE", None, "delete", ""),
                ("DELETE", None, "delete", "?method=hide"),
                ("DELETE", None, "delete", "?method=disable"),
                ("DELETE", None, "hard_delete", "?method=delete"),
            ):
                assert refusal(caller(method, foreign + query, body)) == FOREIGN, (role, method, query)
                answer = caller(method, unknown + query, body)
                expected = UNKNOWN if may(type_name, verb, role) and may(type_name, "read", role) else FOREIGN
                assert refusal(answer) == expected, (role, method, query)
            assert refusal(caller.get(foreign + "/history")) == FOREIGN, role
            assert caller("HEAD", foreign).status == 403, role
            expected_status = 404 if may(type_name, "read", role) else 403
            assert caller("HEAD", unknown).status == expected_status, role
        # The same by somebody who may: the refusals above are about the account.
        assert stage.caller("manager").get(own).status == 200
        assert refusal(stage.caller("manager").get(unknown + "/history")) == UNKNOWN
        assert stage.caller("manager").get(own + "/history").status == 200


@of_every_type
def test_numbers_and_variants_of_an_id_name_no_row(stage: Stage, type_name: str) -> None:
    manager, row = stage.caller("manager"), stage.north.rows[type_name]
    own_id = row.id_random
    shapes = ["0", "-1", "1", "1e0", "0x1", "true", "null", str(row.pk), str(stage.south.rows[type_name].pk)]
    with nothing_changes():
        for text in [
            *shapes,
            own_id.swapcase(),
            f"{own_id}%20",
            f"{own_id}%00",
            f"%20{own_id}",
            own_id[:-1],
            f"{own_id}x",
        ]:
            assert manager.get(f"/v3/crud/{type_name}/{text}").status == 404, text
        for text in (str(row.pk), own_id.swapcase(), f"{own_id}%20"):
            assert manager.patch(f"/v3/crud/{type_name}/{text}", {"notes": "x"}).status in (403, 404), text
            assert manager.delete(f"/v3/crud/{type_name}/{text}").status in (403, 404), text
        for value in (row.pk, stage.south.rows[type_name].pk, str(row.pk), own_id.swapcase(), f"{own_id} ", 0, -1):
            answer = manager.search(type_name, {"and": [{"field": "id", "op": "eq", "value": value}]})
            assert (answer.status, answer.data) == (200, []), value
    assert manager.search(type_name, {"and": [{"field": "id", "op": "eq", "value": own_id}]}).ids == [own_id]


@of_every_type
def test_an_etag_opens_no_other_accounts_row(stage: Stage, type_name: str) -> None:
    manager = stage.caller("manager")
    own, foreign = stage.north.id(type_name), stage.south.id(type_name)
    tag = stage.southern("manager").get(f"/v3/crud/{type_name}/{foreign}").headers["ETag"]
    updatable, hideable = may(type_name, "update", Role.MANAGER), may(type_name, "delete", Role.MANAGER)
    with nothing_changes():
        assert refusal(manager.patch(f"/v3/crud/{type_name}/{foreign}", {"hide": True}, if_match=tag)) == FOREIGN
        assert refusal(manager.delete(f"/v3/crud/{type_name}/{foreign}", if_match="*")) == FOREIGN
        answer = manager.get(f"/v3/crud/{type_name}/{foreign}", if_none_match=tag)
        assert refusal(answer) == FOREIGN
        answer = manager.patch(f"/v3/crud/{type_name}/{own}", {"hide": True}, if_match=tag)
        assert answer.status == (412 if updatable else 403)
        answer = manager.delete(f"/v3/crud/{type_name}/{own}", if_match=tag)
        assert answer.status == (412 if hideable else 403)


# Lists and searches


def own_rows(stage: Stage, type_name: str) -> set[str]:
    with tenant(stage.north.party.account.pk):
        rows = registry[type_name].model.objects
        found = rows.filter(super=False) if type_name == "user" else rows.all()
        return set(found.values_list("id_random", flat=True))


@of_every_type
def test_lists_and_searches_hold_own_rows_only_and_count_no_others(stage: Stage, type_name: str) -> None:
    manager, own = stage.caller("manager"), own_rows(stage, type_name)
    everything_asked = "enabled=all&hidden=all&inc_total=true&limit=1000"
    for view in view_names(registry[type_name]):
        listed = manager.get(f"/v3/crud/{type_name}/?{everything_asked}&view={view}")
        searched = manager.search(type_name, {}, f"?{everything_asked}&view={view}")
        for answer in (listed, searched):
            assert (set(answer.ids), answer.meta["count"], answer.meta["total"]) == (own, len(own), len(own))
    beyond = manager.get(f"/v3/crud/{type_name}/?offset=999999&inc_total=true&enabled=all&hidden=all")
    assert (beyond.status, beyond.data, beyond.meta["count"], beyond.meta["total"]) == (200, [], 0, len(own))
    assert manager("HEAD", f"/v3/crud/{type_name}/").status == 200


@of_every_type
def test_every_relation_shows_own_rows_only(stage: Stage, type_name: str) -> None:
    """inc_<relation>, the enriched names and the counts, for everybody; Watched looks at the values."""
    includes = "&".join(f"inc_{name.removesuffix('_id')}=true" for name in references(type_name))
    own = f"/v3/crud/{type_name}/{stage.north.id(type_name)}"
    for role, caller in insiders(stage):
        for path in (own, f"/v3/crud/{type_name}/"):
            answer = caller.get(f"{path}?view=enriched&{includes}")
            assert answer.status == (200 if may(type_name, "read", role) else 403), answer.body
    shown = stage.caller("manager").get(f"{own}?view=enriched&{includes}").data
    for name in references(type_name):
        nested = shown[name.removesuffix("_id")]
        assert (nested["id"] if nested else None) == shown[name]
    for child in registry[type_name].counts:
        answer = stage.caller("manager").get(f"{own}/{child}/?inc_total=true")
        assert answer.meta["total"] == shown[f"{child}_count"], child


@of_every_type
def test_what_only_south_holds_is_found_by_nobody_in_north(stage: Stage, type_name: str) -> None:
    """Each value of South's row, asked for by every operator that takes it, finds as much as a random one: nothing."""
    manager, southern = stage.caller("manager"), stage.southern("manager")
    shown = southern.get(f"/v3/crud/{type_name}/{stage.south.id(type_name)}").data
    for spec in registry[type_name].fields.values():
        value = shown.get(spec.name)
        if not isinstance(value, str) or (
            stage.south.canary not in value and spec.kind not in (Kind.ID, Kind.REFERENCE)
        ):
            continue
        for operator in sorted(OPERATORS[spec.kind] & {"eq", "like", "contains", "starts_with", "ends_with", "in"}):
            operand = [value] if operator == "in" else value
            condition = {"field": spec.name, "op": operator, "value": operand}
            assert southern.search(type_name, {"and": [condition]}).ids, condition  # it can be found
            answer = manager.search(type_name, {"and": [condition]}, "?enabled=all&hidden=all&inc_total=true")
            assert (answer.status, answer.data, answer.meta["total"]) == (200, [], 0), condition
    words = {"q": stage.south.canary}
    if connection.vendor != "mysql":  # there the words are indexed on commit; see the test at the end
        assert southern.search(type_name, words).ids or not registry[type_name].search_text
    assert manager.search(type_name, words, "?inc_total=true").data == []


@of_every_type
def test_foreign_ids_as_filters_find_what_unknown_ids_find(stage: Stage, type_name: str) -> None:
    manager = stage.caller("manager")
    own = own_rows(stage, type_name)
    for name in ["id", *references(type_name)]:
        target = type_name if name == "id" else registry[type_name].fields[name].refers_to
        assert target is not None
        foreign = stage.south.id(target)
        columns_ = [name, f"{name.removesuffix('_id')}.id"] if name != "id" else [name]
        for field_name in columns_:
            for operator, wrap in (("eq", False), ("in", True), ("==", False)):
                answers = []
                for value in (foreign, NOWHERE):
                    condition = {"field": field_name, "op": operator, "value": [value] if wrap else value}
                    answers.append(manager.search(type_name, {"and": [condition]}, "?inc_total=true"))
                assert (answers[0].status, answers[0].data, answers[0].meta["total"]) == (200, [], 0)
                assert without_traces(answers[0], foreign) == without_traces(answers[1], NOWHERE)
            # Whatever is combined with it, no tree widens beyond the account.
            tree = {
                "or": [
                    {"field": field_name, "op": "eq", "value": foreign},
                    {"not": {"field": field_name, "op": "eq", "value": foreign}},
                    {
                        "field": "account_id" if type_name != "account" else "id",
                        "op": "eq",
                        "value": stage.south.party.id,
                    },
                ]
            }
            answer = manager.search(type_name, tree, "?enabled=all&hidden=all")
            assert set(answer.ids) == own
        for query in (f"{name}={foreign}", f"{name}__in={foreign},{NOWHERE}"):
            answer = manager.get(f"/v3/crud/{type_name}/?{query}")
            assert (answer.status, answer.data) == (200, []), query


@of_every_type
def test_for_obj_of_another_account_finds_what_an_unknown_one_finds(stage: Stage, type_name: str) -> None:
    manager = stage.caller("manager")
    tried = 0
    for ancestor in TYPES:
        if ancestor == type_name or ancestor_path(type_name, ancestor) is None:
            continue
        tried += 1
        for ending in ("", "&inc_total=true&enabled=all&hidden=all"):
            path = f"/v3/crud/{type_name}/?for_obj_type={ancestor}&for_obj_id="
            own = manager.get(path + stage.north.id(ancestor) + ending)
            foreign = manager.get(path + stage.south.id(ancestor) + ending)
            unknown = manager.get(path + NOWHERE + ending)
            assert stage.north.id(type_name) in own.ids
            assert (foreign.status, foreign.data) == (200, [])
            assert without_traces(foreign) == without_traces(unknown)
    assert tried or type_name == "account"


@of_every_type
def test_generic_links_to_another_account_find_nothing(stage: Stage, type_name: str) -> None:
    manager = stage.caller("manager")
    for type_field, id_field in registry[type_name].generic_references:
        with every_tenant(reason="read what the factory has pointed it at"):
            target_type = getattr(stage.south.rows[type_name], type_field)
            target_id = getattr(stage.south.rows[type_name], id_field)
        for query in (
            f"?for_obj_type={target_type}&for_obj_id={target_id}",
            f"?{type_field}={target_type}&{id_field}={target_id}",
        ):
            answer = manager.get(f"/v3/crud/{type_name}/{query}")
            assert (answer.status, answer.data) == (200, []), query


@of_every_type
def test_every_order_shows_own_rows_only(stage: Stage, type_name: str) -> None:
    manager, own = stage.caller("manager"), own_rows(stage, type_name)
    for spec in registry[type_name].fields.values():
        for name in (spec.name, f"-{spec.name}"):
            answer = manager.get(f"/v3/crud/{type_name}/?order_by={name}&enabled=all&hidden=all")
            assert answer.status == (200 if spec.kind in ORDERED and spec.least_role <= Role.MANAGER else 400), name
            assert answer.status == 400 or set(answer.ids) == own, name


@of_every_type
def test_a_cursor_of_another_account_shows_own_rows_only(stage: Stage, type_name: str) -> None:
    if type_name == "account":
        pytest.skip("an account lists one account: there is no second page")
    stage.south.make(type_name)
    own = own_rows(stage, type_name)
    for order in ("created_on", "-created_on", "sort", "id"):
        first = stage.southern("manager").get(f"/v3/crud/{type_name}/?limit=1&order_by={order}")
        cursor = first.meta["next_cursor"]
        assert cursor, first.body
        answer = stage.caller("manager").get(f"/v3/crud/{type_name}/?order_by={order}&cursor={cursor}&inc_total=true")
        assert answer.status in (200, 400), answer.body
        assert answer.status == 400 or set(answer.ids) <= own


# Writing


def refused_alike(send: Callable[[Any], Answer], foreign: str, numbers: list[int], *, generic: bool = False) -> None:
    """A foreign id is refused, word for word as an unknown one; and so are the integers behind the ids."""
    with nothing_changes():
        about_foreign, about_unknown = send(foreign), send(NOWHERE)
        assert refusal(about_foreign) == BAD_REFERENCE, about_foreign.body
        assert without_traces(about_foreign, foreign) == without_traces(about_unknown, NOWHERE)
        same = ("Content-Type", "Cache-Control")
        assert [about_foreign.headers[name] for name in same] == [about_unknown.headers[name] for name in same]
        for number in numbers:
            answer = send(number)
            assert answer.status == 400, answer.body
            if not generic:
                assert refusal(answer) == BAD_REFERENCE, answer.body
            assert refusal(send(str(number))) == BAD_REFERENCE


@of_every_type
def test_foreign_references_in_create_are_refused_like_unknown_ones(stage: Stage, type_name: str) -> None:
    if not may(type_name, "create", Role.MANAGER):
        with nothing_changes():
            answers = [
                stage.caller("manager").post(f"/v3/crud/{type_name}/", world.payload(type_name))
                for world in (stage.north, stage.south)
            ]
        assert answers[0].status == 403
        assert without_traces(answers[0]) == without_traces(answers[1])
        return
    manager, path = stage.caller("manager"), f"/v3/crud/{type_name}/"
    payload = stage.north.payload(type_name)
    for spec in writable_references(type_name):
        assert spec.refers_to is not None
        numbers = [stage.north.rows[spec.refers_to].pk, stage.south.rows[spec.refers_to].pk, 0, -1]
        refused_alike(
            lambda value, name=spec.name: manager.post(path, payload | {name: value}),
            stage.south.id(spec.refers_to),
            numbers,
        )
    created = manager.post(path, payload | {"account_id": stage.north.party.id})
    assert created.status == 201, created.body  # so the references were all that was wrong
    assert created.data["account_id"] == stage.north.party.id


@of_every_type
def test_foreign_references_in_patch_are_refused_like_unknown_ones(stage: Stage, type_name: str) -> None:
    if not may(type_name, "update", Role.MANAGER):
        assert stage.caller("manager").patch(f"/v3/crud/{type_name}/{stage.north.id(type_name)}", {}).status == 403
        return
    manager, path = stage.caller("manager"), f"/v3/crud/{type_name}/{stage.north.id(type_name)}"
    for spec in writable_references(type_name):
        assert spec.refers_to is not None
        numbers = [stage.north.rows[spec.refers_to].pk, stage.south.rows[spec.refers_to].pk, 0, -1]
        for more in ({}, {"notes": "also"}):
            refused_alike(
                lambda value, name=spec.name, more=more: manager.patch(path, {name: value} | more),
                stage.south.id(spec.refers_to),
                numbers,
            )
        permissive = {"x-ae-ignore-extra-fields": "true"}
        with nothing_changes():
            foreign = {spec.name: stage.south.id(spec.refers_to)}
            assert refusal(manager.patch(path, foreign, **permissive)) == BAD_REFERENCE
        if spec.refers_to != type_name:
            assert manager.patch(path, {spec.name: stage.north.id(spec.refers_to)}).status == 200


GENERIC = [
    (name, target)
    for name in TYPES
    for type_field, _ in registry[name].generic_references
    for target in TYPES
    if not (field := registry[name].fields[type_field].model_field).choices or target in dict(field.flatchoices)
]


@pytest.mark.parametrize(("type_name", "target"), GENERIC)
def test_foreign_ids_in_generic_references_are_refused_like_unknown_ones(
    stage: Stage, type_name: str, target: str
) -> None:
    manager = stage.caller("manager")
    for type_field, id_field in registry[type_name].generic_references:
        payload = stage.north.payload(type_name) | {type_field: target}
        for spec in writable_references(type_name):
            if spec.nullable:
                payload.pop(spec.name, None)
        numbers = [stage.north.rows[target].pk, stage.south.rows[target].pk]
        for send in (
            lambda value, name=id_field, payload=payload: manager.post(
                f"/v3/crud/{type_name}/", payload | {name: value}
            ),
            lambda value, name=id_field, kind=type_field: manager.patch(
                f"/v3/crud/{type_name}/{stage.north.id(type_name)}", {kind: target, name: value}
            ),
        ):
            refused_alike(send, stage.south.id(target), numbers, generic=True)
        created = manager.post(f"/v3/crud/{type_name}/", payload | {id_field: stage.north.id(target)})
        assert created.status == 201, created.body


@of_every_type
def test_a_bulk_with_one_foreign_id_writes_nothing_at_all(stage: Stage, type_name: str) -> None:
    manager, path = stage.caller("manager"), f"/v3/crud/{type_name}/bulk"
    own, foreign = stage.north.id(type_name), stage.south.id(type_name)
    if may(type_name, "update", Role.MANAGER):
        for wrong, expected in ((foreign, FOREIGN), (NOWHERE, UNKNOWN)):
            entries = [{"id": own, "notes": "first"}, {"id": wrong, "notes": "second"}]
            for body in ({"update": entries}, {"update": entries[::-1]}):
                with nothing_changes():
                    answer = manager.post(path, body)
                    assert refusal(answer) == expected
                    row = answer.meta["details"]["row"]
                    assert (row["section"], body["update"][row["index"]]["id"]) == ("update", wrong)
    if may(type_name, "delete", Role.MANAGER):
        extra = stage.north.make(type_name).id_random
        for method in ("", "?method=hide", "?method=disable", "?method=delete"):
            if method == "?method=delete" and not may(type_name, "hard_delete", Role.MANAGER):
                continue
            for wrong, expected in ((foreign, FOREIGN), (NOWHERE, UNKNOWN)):
                with nothing_changes():
                    assert refusal(manager.post(path + method, {"delete": [extra, wrong]})) == expected
    if not may(type_name, "create", Role.MANAGER):
        return
    for spec in writable_references(type_name):
        good, bad = stage.north.payload(type_name), stage.north.payload(type_name)
        for value in (stage.south.id(spec.refers_to), NOWHERE, stage.north.rows[spec.refers_to].pk):
            with nothing_changes():
                answer = manager.post(
                    path, {"create": [good, bad | {spec.name: value}], "update": [{"id": own, "sort": 3}]}
                )
                assert refusal(answer) == BAD_REFERENCE
                assert answer.meta["details"]["row"] == {"section": "create", "index": 1}
    bodies = {"create": [stage.north.payload(type_name)], "update": [{"id": own, "sort": 3}]}
    if not may(type_name, "update", Role.MANAGER):
        del bodies["update"]
    answer = manager.post(path, bodies)
    assert answer.status == 200, answer.body
    with every_tenant(reason="compare"):
        accounts = {row[0] for row in registry[type_name].model.objects.values_list("account_id")}
    assert accounts <= {stage.north.party.account.pk, stage.south.party.account.pk, None}


@of_every_type
def test_an_idempotency_key_is_each_accounts_own(stage: Stage, type_name: str) -> None:
    if not may(type_name, "create", Role.MANAGER):
        pytest.skip("nobody in an account creates one")
    both = stage.keys["super"]
    # The same key of the API and of the request, two accounts; then each again.
    worlds = [stage.north, stage.south]
    callers = [Caller({"x-aether-api-key": both, "x-account-id": world.party.id}) for world in worlds]
    payloads = [world.payload(type_name) for world in worlds]
    path = f"/v3/crud/{type_name}/"
    first = [callers[i].post(path, payloads[i], idempotency_key="once") for i in (0, 1)]
    assert [answer.status for answer in first] == [201, 201], [answer.body for answer in first]
    for i, world in enumerate(worlds):
        assert first[i].data["account_id"] == world.party.id
        with nothing_changes():
            again = callers[i].post(path, payloads[i], idempotency_key="once")
        assert (again.status, again.data) == (201, first[i].data)
        with nothing_changes():  # the key is taken there too, by another body
            stolen = callers[1 - i].post(path, payloads[i], idempotency_key="once")
        assert stolen.status == 400
        assert world.canary not in str(stolen.body)


def test_the_same_body_under_one_idempotency_key_makes_a_row_in_each_account(stage: Stage) -> None:
    made = []
    for world in (stage.north, stage.south):
        caller = Caller({"x-aether-api-key": stage.keys["super"], "x-account-id": world.party.id})
        made.append(caller.post("/v3/crud/journal/", {"name": "Same"}, idempotency_key="same"))
    assert [answer.status for answer in made] == [201, 201]
    assert made[0].data["id"] != made[1].data["id"]
    assert [answer.data["account_id"] for answer in made] == [stage.north.party.id, stage.south.party.id]


UNIQUE = [
    (name, spec.name)
    for name in TYPES
    for spec in registry[name].fields.values()
    if spec.model_field.unique and spec.name != "id"
]
GIVEN = [(name, field_name) for name, field_name in UNIQUE if not registry[name].fields[field_name].read_only]
"""By clients; the others are made by the server."""


@pytest.mark.parametrize(("type_name", "field_name"), GIVEN)
def test_a_value_that_is_taken_elsewhere_is_refused_like_one_taken_here(
    stage: Stage, type_name: str, field_name: str
) -> None:
    """Some values are unique over all accounts. The answer does not say whose it is, nor anything else of the other row."""
    creator: Caller = stage.bypass if type_name == "account" else stage.caller("manager")
    texts = []
    for world in (stage.north, stage.south):
        taken = getattr(world.rows[type_name], field_name)
        with nothing_changes():
            answer = creator.post(f"/v3/crud/{type_name}/", stage.north.payload(type_name, **{field_name: taken}))
        assert refusal(answer) == (400, "database_duplicate", 1062), answer.body
        assert list(answer.meta["details"]["fields"]) == [field_name]
        texts.append(without_traces(answer))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(("type_name", "field_name"), sorted(set(UNIQUE) - set(GIVEN)))
def test_a_unique_value_of_the_servers_own_is_refused_whether_taken_or_not(
    stage: Stage, type_name: str, field_name: str
) -> None:
    """Refused whether it is taken here, elsewhere or nowhere; where misfits are dropped, the row has one of its own."""
    values = [getattr(world.rows[type_name], field_name) for world in (stage.north, stage.south)]
    values.append(NOWHERE)
    creator = stage.caller("manager")
    own, path = stage.north.id(type_name), f"/v3/crud/{type_name}/"
    texts = set()
    for value in values:
        body = stage.north.payload(type_name, **{field_name: value})
        with nothing_changes():
            answers = [creator.post(path, body), creator.patch(path + own, {field_name: value})]
            answers.append(creator.post(f"{path}bulk", {"update": [{"id": own, field_name: value}]}))
        for answer in answers:
            assert answer.status == 400, answer.body
            assert answer.meta["details"]["fields"] == {field_name: ["The field is read-only."]}
        texts.add(str([without_traces(answer) for answer in answers]))
        made = creator.post(path, body, **{"x-ae-ignore-extra-fields": "true"})
        assert made.status == 201, made.body
        with tenant(stage.north.party.account.pk):
            row = registry[type_name].model.objects.get(id_random=made.data["id"])
        assert getattr(row, field_name) not in values
    assert len(texts) == 1


@of_every_type
def test_a_row_never_changes_its_account_for_anybody(stage: Stage, type_name: str) -> None:
    """Not even for a key that may act for all accounts."""
    if type_name == "account":
        pytest.skip("an account is its own")
    own = f"/v3/crud/{type_name}/{stage.north.id(type_name)}"
    callers = [stage.caller("manager"), stage.super_key, stage.bypass]
    for caller in callers:
        for value in (stage.south.party.id, NOWHERE):
            with nothing_changes():
                answer = caller.patch(own, {"account_id": value})
            assert answer.status in (400, 403), answer.body
            if answer.status == 403:
                assert not may(type_name, "update", Role.MANAGER)
    with nothing_changes():
        assert stage.bypass.patch(own, {"account_id": None}).status in (400, 403)


@of_every_type
def test_bypass_reads_all_accounts_but_mixes_none(stage: Stage, type_name: str) -> None:
    bypass = stage.bypass
    listed = bypass.get(f"/v3/crud/{type_name}/?limit=1000&enabled=all&hidden=all")
    assert {stage.north.id(type_name), stage.south.id(type_name)} <= set(listed.ids)
    for spec in writable_references(type_name):
        if spec.name == "account_id" or not may(type_name, "create", Role.SUPER):
            continue
        foreign = {spec.name: stage.south.id(spec.refers_to), "account_id": stage.north.party.id}
        mixed = stage.north.lean_payload(type_name, **foreign)
        with nothing_changes():
            answer = bypass.post(f"/v3/crud/{type_name}/", mixed)
            assert refusal(answer) == BAD_REFERENCE, (spec.name, answer.body)
            answer = bypass.patch(
                f"/v3/crud/{type_name}/{stage.north.id(type_name)}", {spec.name: stage.south.id(spec.refers_to)}
            )
            assert refusal(answer) == BAD_REFERENCE, (spec.name, answer.body)
            answer = bypass.post(f"/v3/crud/{type_name}/bulk", {"create": [mixed]})
            assert refusal(answer) == BAD_REFERENCE, (spec.name, answer.body)


@pytest.mark.parametrize(("type_name", "target"), GENERIC)
def test_bypass_points_no_generic_reference_at_another_account(stage: Stage, type_name: str, target: str) -> None:
    for type_field, id_field in registry[type_name].generic_references:
        payload = stage.north.payload(type_name, account_id=stage.north.party.id)
        for spec in writable_references(type_name):
            if spec.nullable:
                payload.pop(spec.name, None)
        payload |= {type_field: target, id_field: stage.south.id(target)}
        with nothing_changes():
            answer = stage.bypass.post(f"/v3/crud/{type_name}/", payload)
            assert refusal(answer) == BAD_REFERENCE, answer.body
            answer = stage.bypass.patch(
                f"/v3/crud/{type_name}/{stage.north.id(type_name)}",
                {type_field: target, id_field: stage.south.id(target)},
            )
            assert refusal(answer) == BAD_REFERENCE, answer.body


# What is kept between requests


def knockers(stage: Stage) -> dict[str, Caller]:
    return {
        "north user": Caller(stage.caller("user").headers),
        "north manager": Caller(stage.caller("manager").headers),
        "south manager": stage.southern("manager"),
        "guest": Caller(stage.guest.headers),
        "visitor": stage.visitor,
        "bypass": stage.bypass,
        "exhibitor": exhibitor(stage.north, stage.north.rows["event_exhibit"]),
        "neighbour": exhibitor(stage.north, stage.north.make("event_exhibit")),
        "south exhibitor": exhibitor(stage.south, stage.south.rows["event_exhibit"]),
    }


def exhibitor(world: World, exhibit: Any) -> Caller:
    """A key for one exhibit of the account."""
    account = world.party.account
    key = ApiKey.issue(name="booth", role="exhibitor", subject_id=exhibit.id_random, accounts=[account])[1]
    return Caller({"x-aether-api-key": key, "x-account-id": world.party.id})


def forget_plans() -> None:
    for memory in (read_plan.compiled_plan, columns._column, columns.shown_column, page.ancestor_path):
        memory.cache_clear()


@of_every_type
def test_no_compiled_plan_serves_another_callers_rows(stage: Stage, type_name: str) -> None:
    """The same requests by everybody, whoever was first: each gets what they get alone."""

    def ask(caller: Caller) -> list[str]:
        name = {"and": [{"field": "id", "op": "in", "value": [stage.north.id(type_name), stage.south.id(type_name)]}]}
        answers = [
            caller.search(type_name, name, "?view=enriched&inc_total=true"),
            caller.get(f"/v3/crud/{type_name}/{stage.north.id(type_name)}"),
        ]
        return [without_traces(answer) for answer in answers]

    callers = knockers(stage)
    alone = {}
    for name, caller in callers.items():
        forget_plans()
        alone[name] = ask(caller)
    assert len({str(answers) for answers in alone.values()}) >= 3  # they differ, or nothing could be mixed up
    names = list(callers)
    for first in range(0, len(names), 2):
        forget_plans()
        for name in names[first:] + names[:first]:
            assert ask(callers[name]) == alone[name], f"{name}, after {names[first]} was first"


def test_in_every_order_of_callers_each_gets_their_own(stage: Stage) -> None:
    callers = knockers(stage)
    body = {"and": [{"field": "enable", "op": "eq", "value": True}]}

    def ask(name: str) -> set[str]:
        return set(callers[name].search("event", body).ids)

    alone = {name: ask(name) for name in callers}
    assert alone["bypass"] == {stage.north.id("event"), stage.south.id("event")}
    assert alone["north user"] == alone["guest"] == {stage.north.id("event")}
    assert alone["visitor"] == set()
    for order in permutations(callers, 2):
        forget_plans()
        assert [ask(name) for name in order] == [alone[name] for name in order], order


def test_one_plan_of_exhibitors_shows_each_their_own_exhibit_and_leads(stage: Stage) -> None:
    """Exhibitors of one account share their plans: which exhibit is theirs is put in when a plan runs."""
    neighbour = stage.north.make("event_exhibit")
    theirs = [
        (exhibitor(world, exhibit), exhibit.id_random, leads)
        for world, exhibit, leads in (
            (stage.north, stage.north.rows["event_exhibit"], {stage.north.id("event_exhibit_tracking")}),
            (stage.north, neighbour, set()),
            (stage.south, stage.south.rows["event_exhibit"], {stage.south.id("event_exhibit_tracking")}),
        )
    ]
    everything_asked = "?enabled=all&hidden=all&view=enriched"
    for order in permutations(theirs):
        forget_plans()
        for caller, exhibit_id, leads in order:
            assert caller.search("event_exhibit", {}, everything_asked).ids == [exhibit_id]
            assert set(caller.search("event_exhibit_tracking", {}, everything_asked).ids) == leads
            for _, other_id, _ in theirs:
                expected = 200 if other_id == exhibit_id else 403
                assert caller.get(f"/v3/crud/event_exhibit/{other_id}").status == expected


def test_a_failed_request_leaves_no_open_door_behind(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    scopes = []

    def fail(*args: Any, **kwargs: Any) -> None:
        scopes.append(current_scope())
        raise RuntimeError("a defect inside a view")

    with monkeypatch.context() as patched:
        patched.setattr("crud.rest.pagination.read_page", fail)
        assert stage.bypass.get("/v3/crud/journal/").status == 500
    assert scopes == [EVERY_TENANT]
    with pytest.raises(NoTenantError):
        current_scope()
    assert current_principal().key_name == ""
    assert stage.bypass.post("/v3/crud/journal/search", {"and": "wrong"}).status == 400
    for _ in range(5):
        assert stage.caller("user").get("/v3/crud/journal/").ids == [stage.north.id("journal")]
        assert stage.guest.get("/v3/crud/journal/").status == 403


def test_alternating_accounts_in_one_process_do_not_mix(stage: Stage) -> None:
    northern, southern = stage.caller("user"), stage.southern("user")
    for _ in range(3):
        assert northern.get("/v3/crud/journal_entry/").ids == [stage.north.id("journal_entry")]
        assert southern.get("/v3/crud/journal_entry/").ids == [stage.south.id("journal_entry")]


@of_every_type
def test_a_deleted_rows_id_names_no_later_row(stage: Stage, type_name: str) -> None:
    if not may(type_name, "hard_delete", Role.MANAGER):
        pytest.skip("nobody in an account deletes one")
    manager = stage.caller("manager")
    row = stage.north.make(type_name)
    path = f"/v3/crud/{type_name}/{row.id_random}"
    assert manager.get(path).status == 200
    assert manager.delete(f"{path}?method=delete").status == 200
    later = stage.north.make(type_name)
    assert later.id_random != row.id_random
    assert refusal(manager.get(path)) == UNKNOWN
    assert refusal(manager.patch(path, {"notes": "x"})) == (
        UNKNOWN if may(type_name, "update", Role.MANAGER) else FOREIGN
    )


# Who may enter which account


def test_no_key_and_no_token_enters_another_account(stage: Stage) -> None:
    """x-account-id of South: refused, and no falling back to North, nor both."""
    south = {"x-account-id": stage.south.party.id}
    unknown = {"x-account-id": NOWHERE}
    with nothing_changes():
        for caller in (
            *(stage.caller(role) for role in (*ROLES, "read_only")),
            stage.guest,
            stage.visitor,
            stage.token_guest,
            *(stage.signed_in(role) for role in ROLES),
            stage.caller("manager").with_headers(authorization=f"Bearer {stage.token('manager')}"),
        ):
            for method, path, body in (
                ("GET", "/v3/crud/journal/", None),
                ("POST", "/v3/crud/journal/search", {}),
                ("POST", "/v3/crud/journal/", {"name": "x"}),
                ("GET", f"/v3/crud/event/{stage.south.id('event')}", None),
                ("GET", "/v3/auth/whoami", None),
            ):
                assert refusal(caller(method, path, body, **south)) == FOREIGN
                assert refusal(caller(method, path, body, **unknown)) == FOREIGN
                swapped = stage.north.party.id.swapcase()
                assert refusal(caller(method, path, body, **{"x-account-id": swapped})) == FOREIGN


def test_a_key_of_south_opens_nothing_for_a_user_of_north(stage: Stage) -> None:
    key = {"x-aether-api-key": stage.south.party.keys["manager"]}
    for role in ROLES:
        caller = stage.signed_in(role).with_headers(**key)
        assert refusal(caller.get("/v3/crud/journal/")) == FOREIGN
        assert (
            refusal(caller.with_headers(**{"x-account-id": stage.south.party.id}).get("/v3/crud/journal/")) == FOREIGN
        )
        assert (
            refusal(caller.with_headers(**{"x-account-id": stage.north.party.id}).get("/v3/crud/journal/")) == FOREIGN
        )


def test_the_comparison_of_all_tables_sees_a_change(stage: Stage) -> None:
    """`nothing_changes` is what most tests here rest on."""
    before = everything()
    assert len(before) > len(TYPES)
    assert (
        stage.southern("manager").patch(f"/v3/crud/journal/{stage.south.id('journal')}", {"notes": "x"}).status == 200
    )
    after = everything()
    assert {name for name in before if before[name] != after[name]} == {"journal", "change_log"}
