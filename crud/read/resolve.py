"""Is this id a row that the principal may see? The only place that answers it: for ids in URLs, parents,
references in payloads, action arguments and websocket topics alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crud.declare.object_type import ObjectType, registry
from crud.read.read_plan import Read, plan
from kernel.errors import ApiError, BadReference, NotFound, Refused
from kernel.ids import RESERVED, is_id
from tenancy.context import every_tenant
from tenancy.principal import Principal

ANOTHER_ACCOUNTS = "This record is not one that you may use."


@dataclass(frozen=True, slots=True)
class Link:
    """One parent in a nested URL, and the child's foreign key that leads to it."""

    object_type: ObjectType
    public_id: str
    relation: str


def key_of(object_type: ObjectType, principal: Principal, public_id: str) -> int | None:
    """The integer key of a row that the principal may read; None if there is no such row for it."""
    if not is_id(public_id) or not object_type.readable_by(principal.access):
        return None
    read = Read(object_type.name, principal.access, ("compare", "@id_random", "eq", 0, 1), only="keys")
    rows = plan(read).rows([public_id])
    key: int | None = rows[0][0] if rows else None
    return key


def resolve(object_type: ObjectType, principal: Principal, public_id: str) -> int:
    """The integer key. Raises Refused for a row of another account, NotFound for an id that exists nowhere."""
    key = key_of(object_type, principal, public_id)
    if key is None:
        raise missing(object_type, principal, public_id)
    return key


def missing(object_type: ObjectType, principal: Principal, public_id: str, *, below: bool = False) -> ApiError:
    """Why a row was not found: 403 for one that exists but is not the principal's, else 404 (contract section 4).

    `below`: it was looked for below a parent, and one of the principal's own may hang on another.
    """
    if not object_type.readable_by(principal.access):
        return Refused(f"You may not read '{object_type.name}'.")
    if below and key_of(object_type, principal, public_id) is not None:
        return NotFound()
    if is_id(public_id) and public_id not in RESERVED:
        with every_tenant(reason="tell another account's record (403) from an unknown id (404)"):
            if object_type.model.objects.filter(id_random=public_id).exists():
                return Refused(ANOTHER_ACCOUNTS)
    return NotFound()


def paths_of(links: Sequence[Link]) -> list[tuple[str, str]]:
    """The parents of a nested URL, nearest last → (relation path from the child, public id), nearest first."""
    paths = []
    path = ""
    for link in reversed(links):
        path = f"{path}__{link.relation}" if path else link.relation
        paths.append((path, link.public_id))
    return paths


def resolve_links(links: Sequence[Link], principal: Principal) -> int:
    """Check every parent of a nested URL and that each hangs on the one before. Answers the nearest one's key."""
    key = 0
    for depth, link in enumerate(links):
        key = resolve(link.object_type, principal, link.public_id)
        if depth:
            read = Read(
                link.object_type.name,
                principal.access,
                (
                    "and",
                    ("compare", "@id_random", "eq", 0, 1),
                    ("compare", f"@{links[depth - 1].relation}__id_random", "eq", 1, 1),
                ),
                only="keys",
            )
            if not plan(read).rows([link.public_id, links[depth - 1].public_id]):
                raise NotFound
    return key


def resolve_reference(field_name: str, type_name: str, principal: Principal, public_id: object) -> int:
    """The key behind a reference in a payload. Raises BadReference, for unknown and foreign ids alike."""
    key = key_of(registry[type_name], principal, public_id) if isinstance(public_id, str) else None
    if key is None:
        raise BadReference(field_name)
    return key
