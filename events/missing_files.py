"""What is expected of an event's presentations and not there: nothing was uploaded, or it was rejected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models.functions import Coalesce

from events.models import Event, EventFile, EventPresentation, EventPresenter
from events.slots import expected_slots
from files.models import HostedFile

COLUMNS: Final = (
    *("event_presentation_id", "event_presentation_name", "event_session_id", "event_session_name", "start_datetime"),
    *("slot", "slot_state", "rejected_reason", "event_presenter_id", "presenter", "email"),
)
SHOWN: Final = {"enable": True, "hide": False}


def missing_files(event: Event, *, with_email: bool) -> list[dict[str, Any]]:
    """A row a slot, by when the talk begins. Several presenters are joined by "; ", and listed as `presenters`."""
    there, rejected = _filled(event)
    presenters = _presenters(event, with_email=with_email)
    rows = []
    for talk in _talks(event):
        for slot in expected_slots(event.cfg_json, talk["event_session__expected_slots"]):
            if (talk["pk"], slot) in there:
                continue
            who = presenters.get(talk["pk"], [])
            reason = rejected.get((talk["pk"], slot))
            rows.append(
                {
                    "event_presentation_id": talk["id_random"],
                    "event_presentation_name": talk["name"],
                    "event_session_id": talk["event_session__id_random"],
                    "event_session_name": talk["event_session__name"],
                    "start_datetime": talk["start"],
                    "slot": slot,
                    "slot_state": "expected" if reason is None else "rejected",
                    "rejected_reason": reason,
                    "event_presenter_id": who[0]["event_presenter_id"] if who else None,
                    "presenter": "; ".join(filter(None, (one["full_name"] for one in who))),
                    "email": "; ".join(filter(None, (one["email"] for one in who))) if with_email else None,
                    "presenters": who,
                }
            )
    return rows


def _talks(event: Event) -> Iterator[dict[str, Any]]:
    talks = EventPresentation.objects.filter(
        event_session__event=event, event_session__enable=True, event_session__hide=False, **SHOWN
    ).annotate(start=Coalesce("start_datetime", "event_session__start_datetime"))
    columns = ("pk", "id_random", "name", "start", "event_session__id_random", "event_session__name")
    yield from talks.order_by("start", "event_session__name", "sort", "pk").values(
        *columns, "event_session__expected_slots"
    )


def _filled(event: Event) -> tuple[set[tuple[int, str]], dict[tuple[int, str], str]]:
    """(talk, slot) of what is there; of what was rejected, with the reason."""
    files = EventFile.objects.filter(event=event, is_current=True, event_presentation_id__isnull=False, **SHOWN)
    files = files.filter(hosted_file__enable=True, hosted_file__hide=False, hosted_file__status=HostedFile.Status.READY)
    there, rejected = set(), {}
    for talk, slot, reason in files.values_list("event_presentation_id", "slot", "rejected_reason"):
        if reason:
            rejected[talk, slot] = reason
        else:
            there.add((talk, slot))
    return there, rejected


def _presenters(event: Event, *, with_email: bool) -> dict[int, list[dict[str, Any]]]:
    rows = EventPresenter.objects.filter(event_presentation__event_session__event=event, **SHOWN)
    by_talk: dict[int, list[dict[str, Any]]] = {}
    columns = ("event_presentation_id", "id_random", "full_name", "email")
    for talk, public_id, name, email in rows.order_by("sort", "pk").values_list(*columns):
        one = {"event_presenter_id": public_id, "full_name": name, "email": email if with_email else None}
        by_talk.setdefault(talk, []).append(one)
    return by_talk
