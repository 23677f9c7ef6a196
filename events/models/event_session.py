from __future__ import annotations

from collections.abc import Iterable

from django.core.validators import MaxValueValidator
from django.db import models

from accounts.validators import require_order
from crud import ObjectType, register
from crud.models import TenantObject
from events import clash_warnings
from events.slots import MAX_FREEZE_MINUTES, validate_slots
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import Principal


class EventSession(TenantObject):
    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    event_location = TenantForeignKey("events.EventLocation", models.PROTECT, null=True, blank=True, related_name="+")
    poc_person = TenantForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="point of contact"
    )
    code = TextCharField(max_length=100, null=True, blank=True)
    name = TextCharField(max_length=255)
    description = HtmlField(null=True, blank=True)
    type_code = TextCharField(max_length=100, null=True, blank=True)
    start_datetime = models.DateTimeField(null=True, blank=True)
    end_datetime = models.DateTimeField(null=True, blank=True)
    external_id = TextCharField(max_length=100, null=True, blank=True)
    expected_slots = models.JSONField(
        null=True, blank=True, validators=[validate_slots], help_text="Of each presentation; null: as the event says"
    )
    upload_deadline = models.DateTimeField(null=True, blank=True, help_text="Null: when the session starts")
    freeze_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_FREEZE_MINUTES)],
        help_text="Before the start; null: as the event's cfg_json says",
    )

    class Meta(TenantObject.Meta):
        db_table = "event_session"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "start_datetime"], name="event_session_acct_start"),
            models.Index(fields=["account", "event_location", "start_datetime"], name="event_session_acct_location"),
            models.Index(fields=["account", "external_id"], name="event_session_acct_external"),
        ]


@register
class EventSessionType(ObjectType):
    model = EventSession
    parents = ["event", "event_location"]
    alias = "session"
    guests = True
    public = [
        *("code", "name", "description", "type_code", "start_datetime", "end_datetime"),
        *("event_id", "event_location_id"),
    ]
    public_parents = ["event"]
    sorted_by = ["start_datetime", "code"]
    search_text = ["code", "name", "description", "type_code"]
    views = {"enriched": ["account.name", "event.name", "event_location.name", "poc_person.full_name"]}
    counts = ["event_presentation", "event_file"]

    def validate(self, row: EventSession, principal: Principal) -> None:
        require_order(row)

    def warnings(self, row: EventSession, changed: frozenset[str] | None) -> Iterable[str]:
        if changed is None or changed & clash_warnings.SESSION_COLUMNS:
            return clash_warnings.of_session(row, created=changed is None)
        return ()
