"""What the tests of the admin ask again and again."""

from __future__ import annotations

import pytest

from crud.declare.object_type import registry
from crud.models import ChangeLog
from tenancy.context import every_tenant
from tests.contract.conftest import Stage

of_every_type = pytest.mark.parametrize("type_name", sorted(registry))
STAFF = ("administrator", "manager")


def key_of(stage: Stage, type_name: str) -> int:
    key: int = stage.north.rows[type_name].pk
    return key


def last_change(type_name: str, public_id: str) -> ChangeLog:
    with every_tenant(reason="tests read the log"):
        entry: ChangeLog = ChangeLog.objects.filter(obj_type=type_name, obj_id=public_id).latest("id")
    return entry
