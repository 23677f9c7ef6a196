"""A unique value that a hidden or disabled row holds: the refusal says so, to whoever may read that row."""

from __future__ import annotations

import pytest

from tests.conftest import Party
from tests.crud.examples import Examples


@pytest.mark.parametrize(("method", "state"), [("hide", "hidden"), ("disable", "disabled")])
def test_who_holds_a_value_that_no_list_shows(north: Party, south: Party, method: str, state: str) -> None:
    examples = Examples(north)
    body = examples.payload("page", path="/about")
    first = north.manager.create("page", **body)
    shown = north.manager.post("/v3/crud/page/", body)
    assert shown.error == ("database_duplicate", 1062)
    assert "held_by" not in shown.body["meta"]["details"]
    assert north.manager.delete(f"/v3/crud/page/{first['id']}?method={method}").status == 200
    other = north.manager.create("page", **body | {"path": "/other"})
    for answer in (
        north.manager.post("/v3/crud/page/", body),
        north.manager.post("/v3/crud/page/", body, **{"idempotency-key": "k"}),
        north.manager.patch(f"/v3/crud/page/{other['id']}", {"path": "/ABOUT"}),
        north.manager.post("/v3/crud/page/bulk", {"create": [body | {"path": "/third"}, body]}),
        north.manager.post("/v3/crud/page/bulk", {"update": [{"id": other["id"], "path": "/about"}]}),
    ):
        details = answer.body["meta"]["details"]
        assert (answer.error, details["held_by"]) == (("database_duplicate", 1062), first["id"])
        assert state in answer.meta["status_message"]
        assert state in details["fields"]["path"][0]
    assert north.manager.patch(f"/v3/crud/page/{first['id']}", {"hide": False, "enable": True}).status == 200
    assert north.manager.search("page", {"q": "third"}).data == []


def test_another_accounts_row_is_not_named(north: Party, south: Party) -> None:
    body = {"site_id": south.site.id_random, "fqdn": "taken.example.com", "hide": True}
    south.manager.create("site_domain", **body)
    answer = north.manager.post("/v3/crud/site_domain/", body | {"site_id": north.site.id_random})
    assert answer.error == ("database_duplicate", 1062)
    assert "held_by" not in answer.body["meta"]["details"]


def test_a_badge_is_scanned_again(north: Party) -> None:
    examples = Examples(north)
    body = examples.payload("event_exhibit_tracking")
    first = north.manager.create("event_exhibit_tracking", **body)
    north.manager.delete(f"/v3/crud/event_exhibit_tracking/{first['id']}")
    answer = north.manager.post("/v3/crud/event_exhibit_tracking/", body)
    assert answer.body["meta"]["details"]["held_by"] == first["id"]


@pytest.mark.parametrize("name", ["enable", "hide", "priority"])
def test_null_is_a_flags_default(north: Party, name: str) -> None:
    default = name == "enable"
    made = north.manager.create("journal", name="x", **{name: None})
    assert made[name] is default
    path = f"/v3/crud/journal/{made['id']}"
    north.manager.patch(path, {name: not default})
    assert north.manager.patch(path, {name: None}).data[name] is default
    [created] = north.manager.post("/v3/crud/journal/bulk", {"create": [{"name": "y", name: None}]}).data["created"]
    assert created[name] is default
