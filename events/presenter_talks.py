"""What a presenter sees by the link: own talks with their slots, what is in them, and until when they may change."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from events.file_manifest import moment
from events.models import Event, EventFile, EventPresenter
from events.preflight_arrivals import findings_of
from events.slots import SLOTS, expected_slots
from events.upload_links import deadline_of, zone_of
from tenancy.principal import Presenter


def talks_of(presenter: Presenter) -> dict[str, Any]:
    event = Event.objects.select_related("account").get(pk=presenter.event_id)
    rows = EventPresenter.objects.filter(pk__in=presenter.row_keys).select_related("event_presentation__event_session")
    talks = [_talk(row, event, presenter) for row in rows]
    talks.sort(key=lambda talk: (talk["start_datetime"] or "9", talk["name"]))
    name = next((row.full_name for row in rows if row.full_name), None)
    return {
        "event": {"name": event.name, "time_zone": zone_of(event)},
        "presenter": {"full_name": name},
        "server_time": moment(timezone.now()),
        "deadline": max((talk["deadline"] for talk in talks if talk["deadline"]), default=None),
        "is_open": any(talk["is_open"] for talk in talks),
        "talks": talks,
    }


def _talk(row: EventPresenter, event: Event, presenter: Presenter) -> dict[str, Any]:
    talk, session = row.event_presentation, row.event_presentation.event_session
    deadline = deadline_of(presenter.expires_on, session)
    expected = expected_slots(event.cfg_json, session.expected_slots)
    files = EventFile.objects.filter(event_presentation=talk, is_current=True, enable=True, hide=False)
    there: dict[str, list[EventFile]] = {}
    for file in files.select_related("hosted_file").order_by("created_on"):
        there.setdefault(file.slot, []).append(file)
    findings = findings_of(file.pk for some in there.values() for file in some)
    return {
        "event_presenter_id": row.id_random,
        "event_presentation_id": talk.id_random,
        "name": talk.name,
        "session_name": session.name,
        "start_datetime": moment(talk.start_datetime or session.start_datetime),
        "deadline": moment(deadline),
        "is_open": deadline is None or deadline > timezone.now(),
        "slots": [_slot(slot, slot in expected, there.get(slot, []), findings) for slot in SLOTS],
    }


def _slot(
    slot: str, is_expected: bool, files: list[EventFile], findings: dict[int, list[dict[str, Any]]]
) -> dict[str, Any]:
    frozen = next((since for file in files if (since := file.frozen_since())), None)
    return {
        "slot": slot,
        "expected": is_expected,
        "frozen_since": moment(frozen),
        "files": [
            {
                "filename": file.filename or file.hosted_file.filename,
                "size": file.hosted_file.size,
                "version": file.version,
                "uploaded_on": moment(file.created_on),
                "slot_state": file.state_now(),
                "rejected_reason": file.rejected_reason,
                "preflight_level": file.preflight_level,
                "findings": findings.get(file.pk, []),
            }
            for file in files
        ],
    }
