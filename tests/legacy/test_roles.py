"""LEG-01, roles: for every type, everybody is allowed by the old routes what V3 allows them, and refused as V3 refuses."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from tests.conftest import Answer, Caller
from tests.contract.conftest import (  # noqa: F401  (fixtures)
    NOWHERE,
    TYPES,
    Stage,
    _database,
    _stage_of_module,
    stage,
)
from tests.legacy.asking import PREFIXES, jp


def everybody(stage: Stage) -> dict[str, Caller]:  # noqa: F811
    keys = {role: stage.caller(role) for role in ("user", "administrator", "manager", "read_only")}
    token = {"token of a user": stage.signed_in("user"), "token of a guest": stage.token_guest}
    others = {"guest": stage.guest, "visitor": stage.visitor, "super key": stage.super_key, "nobody": Caller()}
    return keys | token | others | {"southern manager": stage.southern("manager")}


def undone(caller: Caller, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Status and error of a call whose effect is taken back."""
    with transaction.atomic():
        answer: Answer = caller(method, path, body)
        transaction.set_rollback(True)
    details = answer.meta.get("details", {}) if answer.body else {}
    return answer.status, (details.get("category"), details.get("code"))


@pytest.mark.parametrize("type_name", TYPES)
def test_rights_are_v3s(stage: Stage, type_name: str) -> None:  # noqa: F811
    prefix = PREFIXES[TYPES.index(type_name) % 2]
    own, foreign, payload = stage.north.id(type_name), stage.south.id(type_name), stage.north.payload(type_name)
    listed, base = f"{prefix}/{type_name}/list", f"/v3/crud/{type_name}"
    calls = [
        ("GET", listed, None, "GET", f"{base}/", None),
        ("GET", listed + jp({}), None, "POST", f"{base}/search", {}),
        ("POST", f"{prefix}/{type_name}", payload, "POST", f"{base}/", payload),
    ]
    for public_id in (own, foreign, NOWHERE):
        old, new = f"{prefix}/{type_name}/{public_id}", f"{base}/{public_id}"
        calls.append(("GET", f"{old}?mdl_alt=enriched", None, "GET", f"{new}?view=enriched", None))
        calls.append(("PATCH", old, {"sort": 3}, "PATCH", new, {"sort": 3}))
        calls += [("DELETE", old + how, None, "DELETE", new + how, None) for how in ("", "?method=delete")]
    seen = set()
    for name, caller in everybody(stage).items():
        for old_call in calls:
            expected = undone(caller, *old_call[3:])
            assert undone(caller, *old_call[:3]) == expected, (name, old_call[:2])
            seen.add(expected[0])
    assert {200, 403, 404} <= seen
