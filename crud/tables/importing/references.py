"""Which objects do the cells of a file name? Asked for all rows at once, and only of rows that the principal reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from crud.declare.object_type import ObjectType
from crud.tables.importing.columns import BY_NAME, name_column, root_of
from kernel.sqlite import sort_key
from tenancy.principal import Principal

ASKED_AT_ONCE = 500
OTHER_NAMES = ("code", "id")
"""What a cell may hold where a name is expected, too."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object as a file names it."""

    pk: int
    public_id: str
    root: int | None
    """The key of what it belongs to in the end: its event, its journal."""
    external_id: str | None = None
    code: str | None = None


def same(text: str) -> tuple[str, str]:
    """Equal for texts that the database takes for the same code."""
    return sort_key(text)


@dataclass(slots=True)
class Directory:
    """The objects of one account by their ids and codes."""

    principal: Principal
    _known: dict[tuple[str, str], dict[Any, list[Found]]] = field(default_factory=dict)

    def look_up(self, object_type: ObjectType, lookup: str, texts: Iterable[str]) -> None:
        """Ask for all objects of a type that are named so."""
        texts = list(texts)
        if lookup == BY_NAME:
            for other in OTHER_NAMES:
                if other in object_type.fields:
                    self.look_up(object_type, other, texts)
        known = self._known.setdefault((object_type.name, lookup), {})
        missing = sorted({text for text in texts if text and self._key(lookup, text) not in known})
        if not object_type.readable_by(self.principal.access):
            return
        for match, text in self._rows(object_type, lookup, missing):
            known.setdefault(self._key(lookup, text), []).append(match)

    def named(self, object_type: ObjectType, lookup: str, text: str) -> list[Found]:
        """What `look_up` has found for this text."""
        return self._known.get((object_type.name, lookup), {}).get(self._key(lookup, text), [])

    def _key(self, lookup: str, text: str) -> Any:
        return text if lookup == "id" else same(text)

    def _rows(self, object_type: ObjectType, lookup: str, texts: list[str]) -> Iterator[tuple[Found, str]]:
        column = {"id": "id_random", BY_NAME: name_column(object_type)}.get(lookup, lookup)
        more = [name for name in ("external_id", "code") if name in object_type.fields]
        names = ["pk", "id_random", root_of(object_type.name).key_path, column, *more]
        for start in range(0, len(texts), ASKED_AT_ONCE):
            rows = object_type.rows(self.principal.access)
            rows = rows.filter(**{f"{column}__in": texts[start : start + ASKED_AT_ONCE]}).order_by("pk")
            for pk, public_id, root, text, *others in rows.values_list(*names):
                yield Found(pk, public_id, root, **dict(zip(more, others, strict=True))), text
