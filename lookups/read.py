"""Which rows answer a question, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from kernel.errors import NotFound
from lookups.lookup_types import LookupType
from lookups.questions import Question
from lookups.shelf import GLOBAL_LEVEL, Item, shelf_for
from lookups.zones import offset_at
from tenancy.principal import Principal, Role


def list_rows(lookup_type: LookupType, principal: Principal, question: Question) -> list[dict[str, Any]]:
    shelf = shelf_for(lookup_type, principal.account_id, principal.account_public_id)
    candidates, winners = shelf.with_object(question.for_object)
    if not question.include_disabled:
        return answers(lookup_type, [i for i in matching(winners, question) if i.data["enable"] and not i.data["hide"]])
    standing = {id(item) for item in winners}
    items = [item for item in matching(candidates, question) if may_see(item, principal)]
    shown = answers(lookup_type, items)
    return [data | {"shadowed": id(item) not in standing} for item, data in zip(items, shown, strict=True)]


def matching(items: list[Item], question: Question) -> Iterator[Item]:
    for item in items:
        if question.allowed is not None and item.group not in question.allowed:
            continue
        if question.only_priority and not item.data["priority"]:
            continue
        if question.country is not None and item.country != question.country:
            continue
        yield item


def may_see(item: Item, principal: Principal) -> bool:
    """Guests are held to what an account shows; the global rows are no one's secret."""
    return principal.may(Role.USER) or item.level == GLOBAL_LEVEL or (item.data["enable"] and not item.data["hide"])


def resolve_row(lookup_type: LookupType, principal: Principal, question: Question) -> dict[str, Any]:
    """The first enabled row whose code is `q`, else whose group is, else its other codes (alpha-3, numeric), else its
    name, else its common names; of one country's subdivisions, else the end of the code. Raises NotFound.

    A hidden row is found, so that what was chosen before it was hidden keeps its name; by guests it is not.
    """
    best = resolved(lookup_type, principal, question)
    if best is None:
        raise NotFound("There is no such entry.")
    return answers(lookup_type, [best])[0]


def resolved(lookup_type: LookupType, principal: Principal, question: Question) -> Item | None:
    shelf = shelf_for(lookup_type, principal.account_id, principal.account_public_id)
    items = matching(shelf.named(question.q, question.for_object), question)
    matches = [item for item in items if usable(item, principal)]
    if matches:
        return min(matches, key=lambda item: item.keys.index(question.q))  # of equals the first, as lists have them
    if question.country is not None:
        own = matching(shelf.with_object(question.for_object)[1], question)
        return next((item for item in own if item.ending == question.q and usable(item, principal)), None)
    return None


def usable(item: Item, principal: Principal) -> bool:
    return item.data["enable"] and not (item.data["hide"] and not principal.may(Role.USER))


def answers(lookup_type: LookupType, items: list[Item]) -> list[dict[str, Any]]:
    """What is shown of the rows, with what depends on the moment."""
    if not lookup_type.computed:
        return [item.data for item in items]
    minute = timezone.now().replace(second=0, microsecond=0)
    return [item.data | offset_at(item.zone, minute) for item in items]
