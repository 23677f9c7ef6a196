"""A principal that may read more or less than when its socket subscribed: a role that changed, a mask of its account.

The socket stays. Its subscriptions are looked at again, between two changes: what they held and may not be read any
more has `left`, row by row, and where other rows may be read now, the socket is to read anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import Error as DatabaseError

from crud import registry
from kernel.errors import ApiError
from realtime.socket import Socket
from realtime.topics import Asked, Subscription, Topic, topic_of
from tenancy.context import tenant
from tenancy.principal import Principal, acting_as

MOST_LEFT: Final = 1_000
"""Rows that are told of one by one."""


@dataclass(frozen=True, slots=True)
class Review:
    """A socket that is to be looked at again, and what it stands for now."""

    socket: Socket
    subscriptions: dict[int, Subscription]
    principal: Principal


@dataclass(frozen=True, slots=True)
class Outcome:
    topic: Topic | None
    """None: nothing of what was asked for may be read."""
    left: list[str]
    """Public ids."""
    is_told: bool
    """Whether these are all that is different; else the socket is to read anew."""


def reviewed(request: Asked, before: Topic | None, principal: Principal) -> Outcome:
    """Looks at one subscription; `before` is what it was told of until now. Call it where the database may be asked."""
    assert principal.account_id is not None
    topic: Topic | None = None
    try:
        with tenant(principal.account_id), acting_as(principal):
            topic = _topic_now(request, before, principal)
            old, new = _rows(request, before), _rows(request, topic)
            departed = old.exclude(pk__in=new.values("pk")).order_by("pk").values_list("id_random", flat=True)
            ids = list(departed[: MOST_LEFT + 1])
            has_more = new.exclude(pk__in=old.values("pk")).exists()
    except DatabaseError:
        return Outcome(topic, [], False)
    return Outcome(topic, ids[:MOST_LEFT], not has_more and len(ids) <= MOST_LEFT)


def _topic_now(request: Asked, before: Topic | None, principal: Principal) -> Topic | None:
    try:
        return topic_of(request, principal)
    except ApiError:
        if before is None or before.way is not None or before.obj_id is None:
            return None
        readable = registry[request.obj_type].readable_by(principal.access)
        return replace(before, access=principal.access) if readable else None  # the one object may come back


def _rows(request: Asked, topic: Topic | None) -> Any:
    object_type = registry[request.obj_type]
    if topic is None:
        return object_type.model.objects.none()
    rows = object_type.rows(topic.access)
    if topic.obj_id is not None:
        rows = rows.filter(id_random=topic.obj_id)
    if topic.way is not None:
        ancestor, path = topic.way
        if isinstance(path, str):
            return rows.filter(**{path: topic.ancestor})
        type_field, id_field = path
        return rows.filter(**{type_field: ancestor, id_field: topic.ancestor})
    return rows
