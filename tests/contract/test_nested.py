"""Paths through parents: each link is checked for whose it is and for what it hangs on, to any depth (NEST-01…10)."""

from __future__ import annotations

from typing import Any

import pytest

from crud.declare.object_type import children_of, registry
from tenancy.principal import Role
from tests.conftest import Caller
from tests.contract.conftest import (
    FOREIGN,
    NO_TYPE,
    NOWHERE,
    TYPES,
    UNKNOWN,
    Stage,
    nothing_changes,
    refusal,
    without_traces,
)
from tests.contract.factory import World

PAIRS = [
    (parent, word, child.name, relation)
    for parent in TYPES
    for word, (child, relation) in sorted(children_of(registry[parent]).items())
]
"""parent type, the word in the path (the child's name or alias), child type, the child's foreign key."""
of_every_child = pytest.mark.parametrize(("parent", "word", "child", "relation"), PAIRS)
BELOW_ROWS = [pair for pair in PAIRS if pair[0] != "account"]
"""Of parents that an account has several of."""
of_every_child_of_rows = pytest.mark.parametrize(("parent", "word", "child", "relation"), BELOW_ROWS)


def chains(depth: int) -> list[list[tuple[str, str]]]:
    """Every chain of so many links: (type, word in the path) from the top."""
    found = [[(name, name)] for name in TYPES]
    for _ in range(depth):
        found = [
            [*chain, (child.name, word)]
            for chain in found
            for word, (child, _) in sorted(children_of(registry[chain[-1][0]]).items())
            if child.name not in {name for name, _ in chain}
        ]
    return found


def path_of(chain: list[tuple[str, str]], ids: list[str]) -> str:
    return "/v3/crud/" + "/".join(f"{word}/{public_id}" for (_, word), public_id in zip(chain, ids, strict=True))


def may(type_name: str, verb: str, role: Role = Role.MANAGER) -> bool:
    return role >= registry[type_name].least_role(verb)


# Whose the parent is


@of_every_child
def test_a_parent_of_another_account_is_refused_whatever_is_asked_below_it(
    stage: Stage, parent: str, word: str, child: str, relation: str
) -> None:
    manager = stage.caller("manager")
    own, foreign = stage.north.id(child), stage.south.id(child)
    payload = stage.north.payload(child)
    payload.pop(f"{relation}_id", None)
    with nothing_changes():
        for parent_id, expected in ((stage.south.id(parent), FOREIGN), (NOWHERE, UNKNOWN)):
            below = f"/v3/crud/{parent}/{parent_id}/{word}"
            for child_id in (own, foreign, NOWHERE):
                assert refusal(manager.get(f"{below}/{child_id}")) == expected
                assert refusal(manager.patch(f"{below}/{child_id}", {"notes": "x"})) == expected
                assert refusal(manager.delete(f"{below}/{child_id}")) == expected
                assert refusal(manager.get(f"{below}/{child_id}/history")) == expected
            assert refusal(manager.get(f"{below}/")) == expected
            assert (
                refusal(manager.get(f"{below}/?enabled=all&hidden=all&inc_total=true&limit=1&offset=999")) == expected
            )
            assert refusal(manager.post(f"{below}/search", {})) == expected
            assert refusal(manager.post(f"{below}/search", {"q": stage.south.canary})) == expected
            assert refusal(manager.post(f"{below}/", payload)) == expected


@of_every_child
def test_below_an_own_parent_only_its_own_rows_are_found(
    stage: Stage, parent: str, word: str, child: str, relation: str
) -> None:
    manager = stage.caller("manager")
    below = f"/v3/crud/{parent}/{stage.north.id(parent)}/{word}"
    own, foreign = stage.north.id(child), stage.south.id(child)
    assert manager.get(f"{below}/{own}").data["id"] == own
    assert own in manager.get(f"{below}/?enabled=all&hidden=all").ids
    assert manager.post(f"{below}/search", {"and": [{"field": "id", "op": "eq", "value": own}]}).ids == [own]
    with nothing_changes():
        assert refusal(manager.get(f"{below}/{foreign}")) == FOREIGN
        assert refusal(manager.get(f"{below}/{NOWHERE}")) == UNKNOWN
        assert refusal(manager.get(f"{below}/{foreign}/history")) == FOREIGN
        expected = (FOREIGN, UNKNOWN) if may(child, "update") else (FOREIGN, FOREIGN)
        for child_id, refused in zip((foreign, NOWHERE), expected, strict=True):
            assert refusal(manager.patch(f"{below}/{child_id}", {"notes": "x"})) == refused
        found = manager.post(f"{below}/search", {"and": [{"field": "id", "op": "in", "value": [foreign, NOWHERE]}]})
        assert (found.status, found.data) == (200, [])


@of_every_child_of_rows
def test_a_row_below_another_parent_of_the_same_account_is_not_found(
    stage: Stage, parent: str, word: str, child: str, relation: str
) -> None:
    """The chain is checked, not only the account."""
    manager = stage.caller("manager")
    other = stage.north.make(parent).id_random
    below, own = f"/v3/crud/{parent}/{other}/{word}", stage.north.id(child)
    assert manager.get(f"/v3/crud/{parent}/{other}").status == 200
    with nothing_changes():
        assert refusal(manager.get(f"{below}/{own}")) == UNKNOWN
        assert refusal(manager.get(f"{below}/{own}/history")) == UNKNOWN
        for refused in (
            manager.patch(f"{below}/{own}", {"notes": "x"}),
            manager.delete(f"{below}/{own}"),
            manager.delete(f"{below}/{own}?method=delete"),
        ):
            assert refused.status == 404 or not may(child, "update"), refused.body
        for answer in (
            manager.get(f"{below}/?enabled=all&hidden=all&inc_total=true"),
            manager.post(f"{below}/search", {}),
        ):
            assert (answer.status, answer.data) == (200, [])
        widened = {
            "or": [
                {"field": f"{relation}_id", "op": "eq", "value": stage.north.id(parent)},
                {"field": f"{relation}_id", "op": "ne", "value": NOWHERE},
                {"not": {"field": "id", "op": "eq", "value": NOWHERE}},
            ]
        }
        answer = manager.post(f"{below}/search?inc_total=true&enabled=all&hidden=all", widened)
        assert (answer.data, answer.meta["total"]) == ([], 0)


# Any depth


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_every_chain_is_walked_and_breaks_at_each_wrong_link(stage: Stage, depth: int) -> None:
    """For each chain of types: right all the way, then with each link in turn foreign, unknown, or a stranger's sibling."""
    manager = stage.caller("manager")
    siblings: dict[str, str] = {}
    walked = 0
    with nothing_changes_after_making(stage.north, siblings):
        found = chains(depth)
        for chain in found[:: 1 + len(found) // 120]:
            ids = [stage.north.id(name) for name, _ in chain]
            assert manager.get(path_of(chain, ids)).data["id"] == ids[-1], chain
            walked += 1
            link = walked % len(chain)  # one link a chain; over all chains each place is met
            for wrong, expected in (
                (stage.south.id(chain[link][0]), FOREIGN),
                (NOWHERE, UNKNOWN),
                (siblings[chain[link][0]], UNKNOWN),
            ):
                if wrong in siblings.values() and (link == depth or chain[link][0] == "account"):
                    continue  # below the same parent it is right; and an account has no sibling
                bent = [wrong if i == link else public_id for i, public_id in enumerate(ids)]
                assert refusal(manager.get(path_of(chain, bent))) == expected, (chain, link)
                listing = path_of(chain[:-1], bent[:-1]) + f"/{chain[-1][1]}/"
                if link < depth and expected == FOREIGN:
                    assert refusal(manager.get(listing)) == FOREIGN, (chain, link)
    assert walked > 5


class nothing_changes_after_making:  # noqa: N801  (reads as a phrase)
    """`nothing_changes`, once a sibling of each of North's rows was made."""

    def __init__(self, world: World, siblings: dict[str, str]) -> None:
        self.world, self.siblings = world, siblings

    def __enter__(self) -> None:
        for name in TYPES:
            self.siblings[name] = self.world.id(name) if name == "account" else self.world.make(name).id_random
        self.siblings["account"] = "account"
        self.inner = nothing_changes()
        self.inner.__enter__()

    def __exit__(self, *error: object) -> None:
        self.inner.__exit__(*error)


def test_five_levels_of_the_contract(stage: Stage) -> None:
    north, manager = stage.north, stage.caller("manager")
    path = (
        f"/v3/crud/event/{north.id('event')}/session/{north.id('event_session')}"
        f"/presentation/{north.id('event_presentation')}/presenter/{north.id('event_presenter')}/file"
    )
    assert manager.get(f"{path}/{north.id('event_file')}/").data["id"] == north.id("event_file")
    assert manager.get(path).ids == [north.id("event_file")]
    made = manager.post(f"{path}/", {"hosted_file_id": north.id("hosted_file")})
    assert made.status == 201, made.body
    assert made.data["event_presenter_id"] == north.id("event_presenter")


@of_every_child
def test_an_alias_is_the_same_place(stage: Stage, parent: str, word: str, child: str, relation: str) -> None:
    by_name = f"/v3/crud/{parent}/{stage.north.id(parent)}/{child}"
    by_word = f"/v3/crud/{parent}/{stage.north.id(parent)}/{word}"
    manager = stage.caller("manager")
    assert manager.get(f"{by_name}/").data == manager.get(f"{by_word}/").data
    own = stage.north.id(child)
    assert without_traces(manager.get(f"{by_name}/{own}")) == without_traces(manager.get(f"{by_word}/{own}/"))


# The parent in the body


@of_every_child
def test_a_body_that_names_another_parent_is_refused(
    stage: Stage, parent: str, word: str, child: str, relation: str
) -> None:
    manager, name = stage.caller("manager"), f"{relation}_id"
    below = f"/v3/crud/{parent}/{stage.north.id(parent)}/{word}"
    payload = stage.north.lean_payload(child)
    others: list[Any] = [stage.south.id(parent), NOWHERE, stage.north.rows[parent].pk, ""]
    if parent != "account":
        others.append(stage.north.make(parent).id_random)
    if may(child, "create"):
        texts = set()
        for other in others:
            with nothing_changes():
                answer = manager.post(f"{below}/", payload | {name: other})
                assert refusal(answer) == (400, "validation", 400), (other, answer.body)
                assert list(answer.meta["details"]["fields"]) == [name]
                permissive = manager.post(f"{below}/", payload | {name: other}, **{"x-ae-ignore-extra-fields": "true"})
                assert permissive.status == 400
            texts.add(without_traces(answer))
        assert len(texts) == 1
        payload.pop(name, None)
        fresh = stage.north.id(parent) if parent == "account" else others[-1]
        made = manager.post(f"/v3/crud/{parent}/{fresh}/{word}/", payload)
        assert (made.status, made.data and made.data[name]) == (201, fresh), made.body
    if may(child, "update"):
        own = f"{below}/{stage.north.id(child)}"
        for other in others:
            with nothing_changes():
                answer = manager.patch(own, {name: other, "notes": "x"})
                assert answer.status == 400, (other, answer.body)
        assert manager.patch(own, {name: stage.north.id(parent), "notes": "x"}).status == 200


def test_a_foreign_account_in_a_nested_body_is_refused(stage: Stage) -> None:
    path = f"/v3/crud/journal/{stage.north.id('journal')}/journal_entry/"
    body = {"journal_id": stage.south.id("journal"), "account_id": stage.south.party.id, "name": "t"}
    with nothing_changes():
        assert stage.caller("user").post(path, body).status == 400
        del body["journal_id"]
        assert refusal(stage.caller("user").post(path, body)) == (400, "database_constraint", 1452)


# Paths that are none


@pytest.mark.parametrize("parent", TYPES)
def test_what_is_no_child_is_an_unknown_type(stage: Stage, parent: str) -> None:
    """NEST-06: unrelated types, the reverse of a relation, keys, junk: all the same 404."""
    own, children = stage.north.id(parent), children_of(registry[parent])
    words = [name for name in TYPES if name not in children] + ["api_key", "refresh_token", "change_log", "nonsense"]
    for word in words:
        for method, ending in (("GET", "/"), ("POST", "/search"), ("GET", f"/{NOWHERE}")):
            answer = stage.caller("manager")(
                method, f"/v3/crud/{parent}/{own}/{word}{ending}", {} if method == "POST" else None
            )
            assert refusal(answer) == NO_TYPE, (word, ending)


@pytest.mark.parametrize(
    "type_name", ["api_key", "api_key_account", "refresh_token", "change_log", "idempotent_answer"]
)
def test_tables_that_are_no_types_have_no_path(stage: Stage, type_name: str) -> None:
    for caller in (stage.caller("manager"), stage.super_key, stage.bypass):
        assert refusal(caller.get(f"/v3/crud/{type_name}/")) == NO_TYPE
        assert refusal(caller.post(f"/v3/crud/{type_name}/search", {})) == NO_TYPE
        assert refusal(caller.get(f"/v3/crud/{type_name}/schema")) == NO_TYPE


def test_tricks_with_paths_reach_no_other_route(stage: Stage) -> None:
    """NEST-08."""
    north, south, manager = stage.north, stage.south, stage.caller("manager")
    journal, entry = north.id("journal"), north.id("journal_entry")
    with nothing_changes():
        for path in (
            "/v3/crud/journal/%2e%2e/event/",
            f"/v3/crud/journal/../event/{south.id('event')}",
            f"/v3/crud/journal/%2e%2e/{south.id('journal')}",
            f"/%2fv3/crud/journal/{journal}",
            f"/v3//crud/journal/{journal}",
            f"/v3/crud//journal/{journal}",
            f"/v3/crud/journal//{journal}",
            f"/v3/crud/journal/{journal}//",
            f"/v3/crud/journal/{journal}//entry/",
            f"/v3/crud/journal/{journal};x=y",
            f"/v3/crud/journal;x/{journal}",
            f"/v3/crud/journal/{journal}%0a",
            f"/v3/crud/journal/{journal}%0d%0a",
            f"/v3/crud/journal/{journal}%00",
            f"/v3/crud/journal/{journal}/entry/{entry}%0a",
            f"/v3/crud/journal%0a/{journal}",
            f"/v3/crud/journal/{journal}/schema",
            f"/v3/crud/journal/{journal}/entry/schema",
            f"/v3/crud/journal/{journal}/entry/bulk",
            f"/v3/crud/JOURNAL/{journal}",
            f"/V3/crud/journal/{journal}",
            f"/v3/CRUD/journal/{journal}",
            f"/v3/crudjournal/{journal}",
            f"/v3/crud/{'journal/' * 200}",
            f"/v3/crud/{'x' * 8000}",
            f"/v3/crud/journal/{'x' * 8000}",
            "/v3/crud/%EF%BC%8Fjournal/",
            "/v3/crud/%C0%AF/",
        ):
            for method in ("GET", "PATCH", "DELETE", "POST"):
                answer = manager(method, path, {} if method in ("PATCH", "POST") else None)
                assert answer.status in (400, 404, 405), (method, path, answer.status)
                assert method != "GET" or answer.status == 404, path
    # An encoded slash is a slash: the same rule holds behind it.
    assert manager.get(f"/v3/crud/journal%2F{journal}").data["id"] == journal
    assert refusal(manager.get(f"/v3/crud/journal%2F{south.id('journal')}")) == FOREIGN


def test_thirty_links_are_answered_and_more_are_refused(stage: Stage) -> None:
    """A path as long as the limit must not become a statement that the database chokes on."""
    manager, hosted = stage.caller("manager"), stage.north.id("hosted_file")
    link = f"hosted_file_link/{stage.north.id('hosted_file_link')}"
    assert manager.get(f"/v3/crud/hosted_file/{hosted}/{link}").status == 200
    for count in (2, 14, 15, 16, 17, 40):
        assert refusal(manager.get(f"/v3/crud/hosted_file/{hosted}/" + "/".join([link] * count)))[0] == 404


# Parents that are hidden, or gone


@of_every_child_of_rows
def test_a_parent_with_children_is_not_deleted_and_none_is_orphaned(
    stage: Stage, parent: str, word: str, child: str, relation: str
) -> None:
    """NEST-10."""
    if not may(parent, "hard_delete"):
        pytest.skip("nobody in an account deletes one")
    with nothing_changes():
        answer = stage.caller("manager").delete(f"/v3/crud/{parent}/{stage.north.id(parent)}?method=delete")
        assert refusal(answer) == (400, "database_constraint", 1451), answer.body


@of_every_child_of_rows
def test_below_a_hidden_parent_its_account_still_works_and_no_other_does(
    stage: Stage, parent: str, word: str, child: str, relation: str
) -> None:
    below = f"/v3/crud/{parent}/{stage.north.id(parent)}/{word}"
    assert (
        stage.bypass.patch(f"/v3/crud/{parent}/{stage.north.id(parent)}", {"hide": True, "enable": False}).status == 200
    )
    own = stage.north.id(child)
    assert stage.caller("manager").get(f"{below}/{own}").status == 200
    assert own in stage.caller("manager").get(f"{below}/").ids
    southern: Caller = stage.southern("manager")
    assert refusal(southern.get(f"{below}/{own}")) == FOREIGN
    assert refusal(southern.get(f"{below}/")) == FOREIGN
