"""A committed change on its way from the writer to the sockets: small, and without any content of the row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from crud import Change

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """What a journal holds of one change. Values are read from the database when it is delivered, by who may."""

    obj_type: str
    obj_id: str
    pk: int
    action: str
    columns: list[str]
    """Attributes that were set, or that changed."""
    state: dict[str, Any]
    """References and flags after the change; of a deleted row the last ones."""
    former: dict[str, Any]
    """Of those, the ones that were different before."""

    @property
    def changed(self) -> frozenset[str]:
        """The columns of a row that was there before and is still."""
        return frozenset(self.columns if self.action == "updated" else ())

    @property
    def state_before(self) -> dict[str, Any]:
        return {**self.state, **self.former}


def packed(change: Change) -> bytes:
    former = {name: old for name in change.state if (old_new := change.columns.get(name)) for old in old_new[:1]}
    return orjson.dumps(
        (
            *(change.obj_type, change.obj_id, change.pk, change.action),
            list(change.columns) if change.action != "deleted" else [],
            change.state,
            former if change.action == "updated" else {},
        ),
        default=str,
        option=OPTIONS,
    )


def unpacked(data: bytes) -> ChangeEntry:
    return ChangeEntry(*orjson.loads(data))
