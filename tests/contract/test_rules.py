"""Rules that types declare (`row_rules`, `masks`) hold at every door, for every role, whatever the rows say.

Made from the declarations: a rule that is added is walked without a word here. A route of /v3/crud without a door in
the matrix fails.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.admin.sites import site as admin_site
from django.test import RequestFactory
from openpyxl import load_workbook

from crud.declare.object_type import ObjectType, children_of, registry
from crud.declare.rules import Mask, RowRule
from crud.rest.viewsets import ObjectViewSet
from events.devices import principal_of
from events.models import EventDevice, EventDeviceToken
from kernel.errors import Refused
from realtime.topics import Asked, Audience, topic_of
from realtime.visibility import judge
from tenancy.context import tenant
from tenancy.principal import Access, Principal, Role, acting_as
from tests.conftest import Answer, Caller
from tests.contract.conftest import FOREIGN, NO_COLUMN, Stage, refusal
from tests.contract.test_realtime import life_of

ROLES = {"user": Role.USER, "administrator": Role.ADMINISTRATOR, "manager": Role.MANAGER}
ROW_RULES = [(name, rule) for name, t in sorted(registry.items()) for rule in t.row_rules]
MASKS = [(name, mask) for name, t in sorted(registry.items()) for mask in t.masks]
of_every_rule = pytest.mark.parametrize(("type_name", "rule"), ROW_RULES, ids=[n for n, _ in ROW_RULES])
of_every_mask = pytest.mark.parametrize(("type_name", "mask"), MASKS, ids=[n for n, _ in MASKS])
by_every_role = pytest.mark.parametrize("role", ROLES)


@dataclass
class Asking:
    """Somebody at the doors of one type, below one parent."""

    stage: Stage
    type: ObjectType
    relation: str
    role: str
    token: str = ""
    """Of a device."""

    @property
    def caller(self) -> Caller:
        if self.token:
            return Caller({"authorization": f"Bearer {self.token}"})
        return Caller(self.stage.caller(self.role).headers)  # some doors answer with streams

    @property
    def id(self) -> str:
        return self.stage.north.id(self.type.name)

    @property
    def parent(self) -> tuple[str, str]:
        parent = self.type.related(self.relation).name
        with tenant(self.stage.north.party.account.pk):
            return parent, getattr(self.stage.north.rows[self.type.name], self.relation).id_random

    def get(self, path: str) -> str:
        return text_of(self.caller.get(path))

    def post(self, path: str, body: Any) -> str:
        return text_of(self.caller.post(path, body))


def text_of(answer: Answer) -> str:
    content: bytes = b"".join(answer.raw.streaming_content) if answer.raw.streaming else answer.raw.content
    if content[:2] == b"PK":
        sheet = load_workbook(io.BytesIO(content)).active
        return "\n".join(str(row) for row in sheet.iter_rows(values_only=True))
    return content.decode()


def at_mcp(asking: Asking, tool: str, **arguments: Any) -> str:
    params = {"name": tool, "arguments": {"obj_type": asking.type.name, **arguments}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = asking.caller.post("/v3/mcp", message, accept="application/json, text/event-stream")
    if answer.status == 403:
        return ""
    result = answer.body["result"]
    return "" if result["isError"] else str(result["content"][0]["text"])


def at_the_admin(asking: Asking) -> str:
    """What the list of the admin shows, by the ids of its rows."""
    party = asking.stage.north.party
    principal = Principal(ROLES[asking.role], party.account.pk, party.id)
    request = RequestFactory().get("/admin/")
    request.principal = principal  # type: ignore[attr-defined]
    with tenant(party.account.pk), acting_as(principal):
        rows = admin_site._registry[asking.type.model].get_queryset(request)
        return " ".join(rows.values_list("id_random", flat=True))


def over_the_websocket(asking: Asking) -> str:
    access = Access(ROLES[asking.role], every_account=False)
    account = asking.stage.north.party.account
    audiences = {asking.type.name: Audience(frozenset([access]), frozenset())}
    world = asking.stage.north
    changes = life_of(world, asking.type.name)
    entries = [change_entry(change) for change in changes]
    told = ""
    for verdict in judge(account.pk, account.id_random, entries, audiences):
        assert verdict is not None
        seen = verdict.seen[access]
        told += seen.data.decode() + (asking.id if seen.before or seen.after else "")
    return told


def change_entry(change: Any) -> Any:
    from realtime.changes import packed, unpacked  # as the change travels

    return unpacked(packed(change))


def base(asking: Asking) -> str:
    return f"/v3/crud/{asking.type.name}"


def below(asking: Asking) -> str:
    parent, parent_id = asking.parent
    return f"/v3/crud/{parent}/{parent_id}/{asking.type.name}"


DOORS: dict[str, Callable[[Asking], str]] = {
    "retrieve": lambda a: a.get(f"{base(a)}/{a.id}"),
    "retrieve, enriched": lambda a: a.get(f"{base(a)}/{a.id}?view=enriched"),
    "retrieve below its parent": lambda a: a.get(f"{below(a)}/{a.id}"),
    "list": lambda a: a.get(f"{base(a)}/?limit=1000"),
    "list, one id": lambda a: a.get(f"{base(a)}/?id={a.id}&enabled=all&hidden=all"),
    "list, its total": lambda a: a.id if a.caller.get(f"{base(a)}/?id={a.id}&inc_total=1").meta.get("total") else "",
    "list below its parent": lambda a: a.get(f"{below(a)}/"),
    "list, for_obj": lambda a: a.get(f"{base(a)}/?for_obj_type={a.parent[0]}&for_obj_id={a.parent[1]}"),
    "search": lambda a: a.post(f"{base(a)}/search", {"and": [{"field": "id", "op": "eq", "value": a.id}]}),
    "search below its parent": lambda a: a.post(f"{below(a)}/search", {}),
    "search, CSV": lambda a: a.post(f"{base(a)}/search?export=csv", {}),
    "search, XLSX": lambda a: a.post(f"{base(a)}/search?export=xlsx", {}),
    "search below its parent, CSV": lambda a: a.post(f"{below(a)}/search?export=csv", {}),
    "history": lambda a: a.get(f"{base(a)}/{a.id}/history") if a.role != "user" else "",
    "bulk": lambda a: a.id if a.caller.post(f"{base(a)}/bulk", {"update": [{"id": a.id}]}).status == 200 else "",
    "V2, list": lambda a: a.get(f"/v2/crud/{a.type.name}/list"),
    "V2, one": lambda a: a.get(f"/v2/crud/{a.type.name}/{a.id}"),
    "V1, one": lambda a: a.get(f"/crud/{a.type.name}/{a.id}"),
    "MCP, get": lambda a: at_mcp(a, "get", obj_id=a.id),
    "MCP, search": lambda a: at_mcp(a, "search"),
    "admin": at_the_admin,
    "websocket": over_the_websocket,
}
NO_ROWS = {"describe"}
"""Actions that tell of the type, not of rows."""


def test_every_route_is_a_door() -> None:
    actions = {action.__name__ for action in ObjectViewSet.get_extra_actions()} - NO_ROWS
    assert {door.split(",")[0].split(" ")[0] for door in DOORS} >= actions | {"list", "retrieve"}


def put(asking: Asking, rule: RowRule, value: bool) -> None:
    with tenant(asking.stage.north.party.account.pk):
        row = asking.stage.north.rows[asking.type.name]
        parent = asking.type.related(rule.relation).model.objects.filter(pk=getattr(row, f"{rule.relation}_id"))
        assert parent.update(**{rule.field: value}) == 1


@of_every_rule
@by_every_role
@pytest.mark.parametrize("holds", [True, False])
def test_a_row_is_there_for_whom_the_rule_says(
    stage: Stage, type_name: str, rule: RowRule, role: str, holds: bool
) -> None:
    asking = Asking(stage, registry[type_name], rule.relation, role)
    put(asking, rule, rule.value if holds else not rule.value)
    there = holds or ROLES[role] >= Role.named(rule.below)
    wrong = []
    for door, ask in DOORS.items():
        if door == "history" and role == "user":
            continue
        if (asking.id in ask(asking)) is not there:
            wrong.append(door)
    assert not wrong


@of_every_rule
@by_every_role
def test_nor_is_it_written_or_counted(stage: Stage, type_name: str, rule: RowRule, role: str) -> None:
    asking = Asking(stage, registry[type_name], rule.relation, role)
    put(asking, rule, not rule.value)
    there = ROLES[role] >= Role.named(rule.below)
    parent, parent_id = asking.parent
    counted = asking.caller.get(f"/v3/crud/{parent}/{parent_id}?view=enriched").data
    if type_name in registry[parent].counts:
        assert counted[f"{type_name}_count"] == (1 if there else 0)
    writes = [
        asking.caller.get(f"{base(asking)}/{asking.id}"),
        asking.caller.patch(f"{base(asking)}/{asking.id}", {"sort": 3}),
        asking.caller.delete(f"{base(asking)}/{asking.id}?method=hide"),
    ]
    for answer in writes:
        assert answer.status == 200 if there else refusal(answer) == FOREIGN


# --- masks

MASKED_DOORS: dict[str, Callable[[Asking], str]] = {
    "one": lambda a: a.get(f"{base(a)}/{a.id}?inc_{a.relation}=true&view=enriched"),
    "list": lambda a: a.get(f"{base(a)}/?inc_{a.relation}=true&view=enriched"),
    "search": lambda a: a.post(f"{base(a)}/search?inc_{a.relation}=true", {}),
    "CSV": lambda a: a.post(f"{base(a)}/search?export=csv&view=enriched", {}),
    "V2": lambda a: a.get(f"/v2/crud/{a.type.name}/list?inc_{a.relation}=true"),
    "MCP": lambda a: at_mcp(a, "search", view="enriched"),
    "PATCH": lambda a: text_of(
        a.caller.patch(f"{base(a)}/{a.id}?inc_{a.relation}=true&view=enriched", {"sort": 1}, **{"if-match": "*"})
    ),
}


def reveal(asking: Asking, mask: Mask, whole: bool) -> set[str]:
    """Give the related row values that are met nowhere else."""
    words = {name: f"{name}.{'x' * 6}@example.org" for name in mask.fields}
    with tenant(asking.stage.north.party.account.pk):
        row = asking.stage.north.rows[asking.type.name]
        related = asking.type.related(mask.relation).model.objects.filter(pk=getattr(row, f"{mask.relation}_id"))
        assert related.update(**words) == 1
        assert type(row).objects.filter(pk=row.pk).update(**{mask.unless: whole}) == 1
    return set(words.values())


def opened(stage: Stage, type_name: str, relation: str, role: str) -> Asking:
    """Whoever asks, with the type's row rules met."""
    asking = Asking(stage, registry[type_name], relation, role)
    for rule in registry[type_name].row_rules:
        put(asking, rule, rule.value)
    return asking


@of_every_mask
@by_every_role
@pytest.mark.parametrize("whole", [True, False])
def test_a_masked_field_is_blank_at_every_door(
    stage: Stage, type_name: str, mask: Mask, role: str, whole: bool
) -> None:
    asking = opened(stage, type_name, mask.relation, role)
    words = reveal(asking, mask, whole)
    for door, ask in MASKED_DOORS.items():
        text = ask(asking)
        shown = {word for word in words if word in text}
        if not whole:
            assert not shown, door
        elif door in ("one", "list", "search"):
            assert shown == words, door


@of_every_mask
def test_the_answer_names_what_is_blank(stage: Stage, type_name: str, mask: Mask) -> None:
    asking = opened(stage, type_name, mask.relation, "user")
    including = f"?inc_{mask.relation}=true"
    reveal(asking, mask, whole=False)
    for answer in (
        asking.caller.get(f"{base(asking)}/{asking.id}{including}"),
        asking.caller.get(f"{base(asking)}/{including}"),
    ):
        assert sorted(answer.meta["masked"]) == sorted(mask.names())
        rows = answer.data if isinstance(answer.data, list) else [answer.data]
        assert [rows[0][mask.relation][name] for name in mask.fields] == [None] * len(mask.fields)
    assert "masked" not in asking.caller.get(f"{base(asking)}/{asking.id}").meta
    reveal(asking, mask, whole=True)
    assert "masked" not in asking.caller.get(f"{base(asking)}/{asking.id}{including}").meta


@of_every_mask
@by_every_role
def test_a_masked_field_is_no_column_to_ask_by(stage: Stage, type_name: str, mask: Mask, role: str) -> None:
    asking = opened(stage, type_name, mask.relation, role)
    for name in mask.fields:
        path = f"{mask.relation}.{name}"
        for answer in (
            asking.caller.post(f"{base(asking)}/search", {"and": [{"field": path, "op": "is_not_null"}]}),
            asking.caller.get(f"{base(asking)}/?order_by={path}"),
            asking.caller.get(f"{base(asking)}/?{path}=x"),
        ):
            assert refusal(answer) == NO_COLUMN


# --- devices: less than guests

KNOWN_TO_STAFF_ONLY = {"admin", "websocket"}
"""A device signs in to no admin; what it may ask a socket for, the test below says."""


@pytest.mark.parametrize("type_name", sorted(registry))
def test_a_device_comes_through_no_door(stage: Stage, type_name: str) -> None:
    """Though the launcher stands in the room that the rows belong to, and may fetch its files."""
    world = stage.north
    with tenant(world.party.account.pk):
        device = EventDevice(
            event=world.rows["event"],
            event_location=world.rows["event_location"],
            name="Launcher",
            profile=EventDevice.Profile.LAUNCHER,
        )
        device.save()
        token = EventDeviceToken.issue(device, EventDeviceToken.Kind.DEVICE)[1]
    object_type = registry[type_name]
    row = world.rows[type_name]
    relation = next((name for name in object_type.parents if getattr(row, f"{name}_id")), "")
    asking = Asking(stage, object_type, relation, "device", token)
    told = [door for door, ask in DOORS.items() if door not in KNOWN_TO_STAFF_ONLY and asks(asking, door, ask)]
    assert not told
    principal = principal_of(token)
    assert principal is not None
    assert principal.subject == world.rows["event_location"].pk
    with tenant(world.party.account.pk), acting_as(principal), pytest.raises(Refused):
        topic_of(Asked(type_name, None, None, None), principal)


def asks(asking: Asking, door: str, ask: Callable[[Asking], str]) -> bool:
    """Whether the door says anything of the row."""
    if not asking.relation and ("below" in door or "for_obj" in door):
        return False
    return asking.id in ask(asking)


def test_there_are_rules_to_walk() -> None:
    assert {name for name, _ in ROW_RULES} >= {"event_exhibit_tracking"}
    assert {name for name, _ in MASKS} >= {"event_exhibit_tracking"}
    assert children_of(registry["event_exhibit"])["tracking"][0].name == "event_exhibit_tracking"
