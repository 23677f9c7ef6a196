"""What a socket asked to be told of, and the subscriptions of one account, sorted so that a change finds its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crud import registry, resolve, way_up
from kernel.errors import Invalid, Refused, UnknownType
from realtime.protocol import Frame
from realtime.socket import Socket
from tenancy.principal import Access, Principal

Way = tuple[str, str | tuple[str, str]]
"""An ancestor's type, and how a row names it: a relation path, or the two fields of a generic reference."""
MAX_NAME = 64


@dataclass(frozen=True, slots=True)
class Topic:
    obj_type: str
    access: Access
    obj_id: str | None = None
    way: Way | None = None
    ancestor: int | str | None = None
    """The ancestor's primary key; at the end of a generic reference its public id."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A `subscribe` frame, taken apart."""

    obj_type: str
    obj_id: str | None
    for_obj_type: str | None
    for_obj_id: str | None

    @classmethod
    def by(cls, frame: Frame) -> Asked:
        request = cls(
            frame.text("obj_type", most=MAX_NAME),
            frame.optional_text("obj_id", most=MAX_NAME),
            frame.optional_text("for_obj_type", most=MAX_NAME),
            frame.optional_text("for_obj_id", most=MAX_NAME),
        )
        frame.done()
        if (request.for_obj_type is None) != (request.for_obj_id is None):
            raise Invalid.field("for_obj_id", "for_obj_type and for_obj_id go together.")
        return request


def topic_of(request: Asked, principal: Principal) -> Topic:
    """Checks it against the database, in the principal's account. Raises what reading the same would raise."""
    object_type = registry.get(request.obj_type)
    if object_type is None:
        raise UnknownType(request.obj_type)
    access = principal.access
    if principal.device or not object_type.readable_by(access):
        raise Refused(f"You may not read '{object_type.name}'.")
    if access.public_only and object_type.guest_lookup and request.obj_id is None:
        raise Refused(f"A guest names one '{object_type.name}' by its id.")
    if request.obj_id is not None:
        resolve(object_type, principal, request.obj_id)
    if request.for_obj_type is None or request.for_obj_id is None:
        return Topic(object_type.name, access, request.obj_id)
    way = way_up(object_type, request.for_obj_type, access)
    key: int | str = resolve(registry[request.for_obj_type], principal, request.for_obj_id)
    if not isinstance(way, str):
        key = request.for_obj_id
    return Topic(object_type.name, access, request.obj_id, (request.for_obj_type, way), key)


@dataclass(eq=False, slots=True)
class Subscription:
    number: int
    socket: Socket
    asked: Asked
    topic: Topic | None
    """None: nothing of it may be read any more."""


@dataclass(eq=False, slots=True)
class RoomWatch:
    """One subscription to how ready the rooms of an event are."""

    number: int
    socket: Socket
    event: int
    """Its key."""


@dataclass(slots=True)
class Interest:
    """The subscriptions to one type by principals of one Access."""

    whole: dict[Subscription, None] = field(default_factory=dict)
    objects: dict[str, dict[Subscription, None]] = field(default_factory=dict)
    below: dict[Way, dict[int | str, dict[Subscription, None]]] = field(default_factory=dict)

    def place(self, topic: Topic, *, make: bool) -> dict[Subscription, None]:
        if topic.obj_id is not None:
            return self.objects.setdefault(topic.obj_id, {}) if make else self.objects.get(topic.obj_id, {})
        if topic.way is not None and topic.ancestor is not None:
            below = self.below.setdefault(topic.way, {}) if make else self.below.get(topic.way, {})
            return below.setdefault(topic.ancestor, {}) if make else below.get(topic.ancestor, {})
        return self.whole

    def tidy(self, topic: Topic) -> None:
        """Forget the places where nobody is left."""
        if topic.obj_id is not None:
            if not self.objects.get(topic.obj_id, True):
                del self.objects[topic.obj_id]
        elif topic.way in self.below and topic.ancestor is not None:
            below = self.below[topic.way]
            if not below.get(topic.ancestor, True):
                del below[topic.ancestor]
            if not below:
                del self.below[topic.way]

    def all(self) -> Iterator[Subscription]:
        yield from self.whole
        for subscriptions in self.objects.values():
            yield from subscriptions
        for way in self.below:
            yield from self.on(way)

    def on(self, way: Way) -> Iterator[Subscription]:
        for subscriptions in self.below[way].values():
            yield from subscriptions

    def __bool__(self) -> bool:
        return bool(self.whole or self.objects or self.below)


class Topics:
    """All subscriptions of one account in this process."""

    def __init__(self) -> None:
        self.by_type: dict[str, dict[Access, Interest]] = {}

    def add(self, subscription: Subscription) -> None:
        topic = subscription.topic
        if topic is None:
            return
        interest = self.by_type.setdefault(topic.obj_type, {}).setdefault(topic.access, Interest())
        interest.place(topic, make=True)[subscription] = None

    def remove(self, subscription: Subscription, topic: Topic | None = None) -> None:
        """`topic`: what it was in, where it does not say so any more."""
        topic = topic or subscription.topic
        if topic is None:
            return
        interest = self.by_type.get(topic.obj_type, {}).get(topic.access)
        if interest is None:
            return
        interest.place(topic, make=False).pop(subscription, None)
        interest.tidy(topic)
        if not interest:
            del self.by_type[topic.obj_type][topic.access]
            if not self.by_type[topic.obj_type]:
                del self.by_type[topic.obj_type]

    def audiences(self) -> dict[str, Audience]:
        return {
            name: Audience(frozenset(interests), self._ways(interests.values()))
            for name, interests in self.by_type.items()
        }

    def _ways(self, interests: Any) -> frozenset[Way]:
        ways = {way for interest in interests for way in interest.below}
        for interest in interests:
            for subscriptions in interest.objects.values():
                ways.update(s.topic.way for s in subscriptions if s.topic is not None and s.topic.way is not None)
        return frozenset(ways)

    def concerned(self, obj_type: str, obj_id: str, access: Access, places: dict[Way, Any]) -> Iterator[Subscription]:
        """Those that a change may concern; whether the row was and is in their topic, `inside` says."""
        interest = self.by_type.get(obj_type, {}).get(access)
        if interest is None:
            return
        yield from interest.whole
        yield from interest.objects.get(obj_id, ())
        for way, subscribers in interest.below.items():
            before, after = places.get(way, (None, None))
            for key in {before, after} - {None}:
                yield from subscribers.get(key, ())


@dataclass(frozen=True, slots=True)
class Audience:
    """For one type: who listens, and which ancestors matter."""

    accesses: frozenset[Access]
    ways: frozenset[Way]


def inside(topic: Topic | None, places: dict[Way, Any]) -> tuple[bool, bool]:
    """Whether the row was, and is, where the topic looks."""
    if topic is None:
        return False, False
    if topic.way is None:
        return True, True
    before, after = places.get(topic.way, (None, None))
    return before == topic.ancestor, after == topic.ancestor
