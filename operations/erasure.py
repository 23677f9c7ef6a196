"""A person's data in one account: found by link and address, exported, erased (spec/exhibitors, "Erase").

What is personal, and which rows are about the same person, stands on the types (`ObjectType.personal`, `same_person`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import ForeignKey, Q
from django.utils import timezone

from accounts.models import OneTimeToken, User
from crud import ObjectType, personal_values_hidden, read_one, registry
from crud.models import ChangeLog, IdempotentAnswer
from events import upload_links
from events.models import EventBadge, EventBadgeConsent, EventExhibitScan, EventPresenter
from events.models.event_badge import new_token
from kernel.model_fields import EmailField
from kernel.transactions import in_transaction
from mail.models import MailMessage
from tenancy.principal import current_principal

HIDDEN: Final = "***"
NOBODY: Final = "erased@invalid.example"
NOT_COVERED: Final = (
    "backups and bundles made before",
    "log files, until they are rotated away",
    "free texts of other objects that name the person",
    "what exhibitors and others have exported already",
)
MAX_ROWS: Final = 10_000


class TooManyRows(Exception):
    """So many rows are about no one person: an address that many share."""


@dataclass
class Dossier:
    """All rows of the active account that are about one person."""

    rows: dict[tuple[str, int], Any] = field(default_factory=dict)
    """(type, key) → row"""
    emails: set[str] = field(default_factory=set)

    def of(self, type_name: str) -> list[Any]:
        return [row for (name, _), row in self.rows.items() if name == type_name]

    @property
    def ids(self) -> dict[str, list[str]]:
        """Type → public ids."""
        names = sorted({name for name, _ in self.rows})
        return {name: sorted(row.id_random for row in self.of(name)) for name in names}


def types() -> list[ObjectType]:
    return [object_type for _, object_type in sorted(registry.items()) if object_type.personal]


def dossier(*, email: str | None = None, row: Any = None) -> Dossier:
    """Begin with an address or with one row, and follow links and addresses until nothing new comes."""
    known = Dossier()
    new_rows, new_emails = ([row] if row is not None else []), ({email.casefold()} if email else set())
    while new_rows or new_emails:
        if new_emails:
            known.emails |= new_emails
            new_rows += [match for address in sorted(new_emails) for match in _with_address(address)]
            new_emails = set()
        fresh = [one for one in new_rows if (one._meta.db_table, one.pk) not in known.rows]
        new_rows = []
        for one in fresh:
            known.rows[one._meta.db_table, one.pk] = one
            if len(known.rows) > MAX_ROWS:
                raise TooManyRows
            new_emails |= {address.casefold() for address in _addresses(one)} - known.emails
            new_rows += list(_linked(one))
    return known


def _email_fields(object_type: ObjectType) -> list[str]:
    return [one.name for one in _personal_fields(object_type.name) if isinstance(one, EmailField)]


def _addresses(row: Any) -> Iterator[str]:
    for name in _email_fields(registry[row._meta.db_table]):
        if address := getattr(row, name):
            yield address


def _with_address(address: str) -> Iterator[Any]:
    for object_type in types():
        for name in _email_fields(object_type):
            yield from object_type.model.objects.filter(**{f"{name}__iexact": address})[: MAX_ROWS + 1]


def _linked(row: Any) -> Iterator[Any]:
    for relation in registry[row._meta.db_table].same_person:
        if (above := getattr(row, relation)) is not None:
            yield above
    for object_type in types():
        for relation in object_type.same_person:
            if object_type.related(relation).name == row._meta.db_table:
                yield from object_type.model.objects.filter(**{relation: row.pk})[: MAX_ROWS + 1]


# --- export


def exported(known: Dossier) -> dict[str, Any]:
    """Every field of every row, its history, the decisions about its leads, and the mails to it."""
    principal = current_principal()
    objects: dict[str, list[Any]] = {}
    history = []
    for (name, _), row in sorted(known.rows.items()):
        one = read_one(registry[name], principal, row.id_random)
        objects.setdefault(name, []).append(one.data if one else {"id": row.id_random})
        history += [
            {"obj_type": name, "obj_id": row.id_random, "action": entry.action, "created_on": entry.created_on}
            | {"changes": entry.changes_json}
            for entry in _entries(name, row).order_by("id")
        ]
    badges = [badge.pk for badge in known.of("event_badge")]
    decisions = EventBadgeConsent.objects.filter(event_badge__in=badges).order_by("id")
    consent = [read_one(registry["event_badge_consent"], principal, row.id_random) for row in decisions]
    mails = MailMessage.objects.filter(_any_of("to", known.emails)).values("to", "subject", "created_on", "sent_on")
    return {
        "emails": sorted(known.emails),
        "objects": objects,
        "consent": [one.data for one in consent if one],
        "mails": list(mails),
        "history": history,
    }


# --- erasure


def erase(known: Dossier) -> dict[str, Any]:
    """Blank it all in one transaction. Answers the certificate: what was done, and what is not covered."""
    return in_transaction(lambda: _erase(known, timezone.now()))


def certificate(known: Dossier, counts: dict[str, int], erased_on: datetime | None) -> dict[str, Any]:
    files = sorted(str(p.image_hosted_file.id_random) for p in known.of("person") if p.image_hosted_file_id)
    return {
        "erased_on": erased_on,
        "rows": known.ids,
        **counts,
        "files_to_look_at": files,
        "not_covered": list(NOT_COVERED),
    }


def _erase(known: Dossier, now: datetime) -> dict[str, Any]:
    done = certificate(known, {}, now)
    with personal_values_hidden():
        for (name, _), row in sorted(known.rows.items()):
            _end_access(row)
            for model_field in _personal_fields(name):
                setattr(row, model_field.attname, _blank(row, model_field))
            row.save()
    badges, leads = known.of("event_badge"), known.of("event_exhibit_tracking")
    ledger = EventBadgeConsent.objects.filter(event_badge__in=[badge.pk for badge in badges], how="attendee")
    ledger.update(decided_by=None)
    scans = EventExhibitScan.objects.filter(event_exhibit_tracking__in=[lead.pk for lead in leads])
    counts = {
        "scans": scans.update(values_json={}),
        "history_entries": sum(_mask_history(name, row) for (name, _), row in known.rows.items()),
        "kept_answers": _mask_answers({row.id_random for row in known.rows.values()}),
        "mails": _blank_mails(known.emails, now),
    }
    OneTimeToken.objects.filter(_any_of("email", known.emails)).delete()
    return done | counts


def _personal_fields(name: str) -> list[Any]:
    return [registry[name].fields[field_name].model_field for field_name in registry[name].personal]


def blanked(name: str, row: Any) -> list[Any]:
    """The personal fields of a row that say something now: what erasing it would take away."""
    fields = _personal_fields(name)
    return [one for one in fields if getattr(row, one.attname) not in (None, "", _blank(row, one))]


def _blank(row: Any, model_field: Any) -> Any:
    if model_field.name == "username":
        return f"erased-{row.id_random}"
    if model_field.null or isinstance(model_field, ForeignKey):
        return None
    return model_field.get_default() if model_field.has_default() else ""


def _end_access(row: Any) -> None:
    """What opens anything in the person's name: a password, the badge's two tokens, the link to upload slides."""
    if isinstance(row, User):
        row.enable = False
        row.set_unusable_password()
        OneTimeToken.objects.filter(user=row).delete()
    elif isinstance(row, EventBadge):
        row.badge_token, row.consent_token = new_token(), new_token()
    elif isinstance(row, EventPresenter):
        upload_links.revoke(row)
        row.refresh_from_db()


def _entries(name: str, row: Any) -> Any:
    return ChangeLog.objects.filter(obj_type=name, obj_id=row.id_random)


def _mask_history(name: str, row: Any) -> int:
    fields = registry[name].fields
    columns = {fields[field_name].model_field.attname for field_name in registry[name].personal} | {"badge_token"}
    masked = 0
    for entry in _entries(name, row).iterator(chunk_size=500):
        changes = {
            column: [HIDDEN if value is not None else None for value in old_new] if column in columns else old_new
            for column, old_new in entry.changes_json.items()
        }
        if changes != entry.changes_json:
            ChangeLog.objects.filter(pk=entry.pk).update(changes_json=changes)
            masked += 1
    return masked


def _mask_answers(ids: set[str]) -> int:
    """Kept first answers stay, so that a repeated request makes nothing twice; what they say of the person does not."""
    masked = 0
    for answer in IdempotentAnswer.objects.iterator(chunk_size=200):
        if not any(public_id in answer.body for public_id in ids):
            continue
        body = json.loads(answer.body)
        _mask_objects(body, ids)
        IdempotentAnswer.objects.filter(pk=answer.pk).update(body=json.dumps(body))
        masked += 1
    return masked


PERSONAL_NAMES: Final = frozenset({"badge_token", "consent_token"})


def _mask_objects(value: Any, ids: set[str]) -> None:
    if isinstance(value, list):
        for inner in value:
            _mask_objects(inner, ids)
    elif isinstance(value, dict):
        if value.get("id") in ids:
            names = PERSONAL_NAMES.union(*(object_type.personal for object_type in types()))
            value.update(dict.fromkeys(names & value.keys()))
        for inner in value.values():
            _mask_objects(inner, ids)


def _blank_mails(emails: set[str], now: datetime) -> int:
    mails = MailMessage.objects.filter(_any_of("to", emails))
    mails.filter(sent_on=None, given_up_on=None).update(given_up_on=now, due_on=None)
    return int(mails.update(to=NOBODY, subject="", values_json={}))


def _any_of(name: str, emails: set[str]) -> Q:
    condition = Q(pk__in=[])
    for email in emails:
        condition |= Q(**{f"{name}__iexact": email})
    return condition
