from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.db import models

from crud import ObjectType, register
from crud.declare.rules import Scope
from crud.models import TenantObject
from events.ancestors import keep_ancestors
from kernel.model_fields import HtmlField, IdField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import Principal

PLACES: Final = (
    *("event", "event_session", "event_presentation"),
    *("event_presenter", "event_location", "event_exhibit"),
)
"""What a file can be for. Each is the name of an object type and of the foreign key to it."""


class EventFile(TenantObject):
    """A hosted file in its place at an event. `for_type`, `for_id` name the place; the references follow them up."""

    event = TenantForeignKey("events.Event", models.PROTECT, null=True, blank=True, related_name="+")
    event_session = TenantForeignKey("events.EventSession", models.PROTECT, null=True, blank=True, related_name="+")
    event_presentation = TenantForeignKey(
        "events.EventPresentation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    event_presenter = TenantForeignKey("events.EventPresenter", models.PROTECT, null=True, blank=True, related_name="+")
    event_location = TenantForeignKey("events.EventLocation", models.PROTECT, null=True, blank=True, related_name="+")
    event_exhibit = TenantForeignKey("events.EventExhibit", models.PROTECT, null=True, blank=True, related_name="+")
    hosted_file = TenantForeignKey("files.HostedFile", models.PROTECT, related_name="+")
    filename = TextCharField(max_length=255, null=True, blank=True)
    extension = TextCharField(max_length=32, null=True, blank=True)
    title = TextCharField(max_length=255, null=True, blank=True)
    description = HtmlField(null=True, blank=True)
    for_type = TextCharField(max_length=64, null=True, blank=True, choices=[(place, place) for place in PLACES])
    for_id = IdField(null=True, blank=True)
    open_in = TextCharField(max_length=100, null=True, blank=True)
    approved = models.BooleanField(default=False)

    class Meta(TenantObject.Meta):
        db_table = "event_file"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "updated_on"], name="event_file_acct_event"),
            models.Index(fields=["account", "for_type", "for_id"], name="event_file_acct_for"),
        ]

    def derive(self) -> None:
        self._follow_place()
        keep_ancestors(
            self,
            [
                ("event_presenter", "event_presentation"),
                ("event_presentation", "event_session"),
                ("event_session", "event"),
                ("event_exhibit", "event"),
                ("event_location", "event"),
            ],
        )
        super().derive()

    def _follow_place(self) -> None:
        """Point the reference of the type `for_type` at the object `for_id`."""
        renamed = (self.for_type, self.for_id) != (self.stored("for_type"), self.stored("for_id"))
        if self.for_type not in PLACES or not self.for_id or not renamed:
            return
        model = self._meta.get_field(self.for_type).related_model
        found = model.objects.filter(id_random=self.for_id).values_list("pk", flat=True).first()
        attname = f"{self.for_type}_id"
        given = getattr(self, attname)
        if found is not None and given not in (None, self.stored(attname), found):
            raise ValidationError({"for_id": [f"It names another object than {attname}."]})
        if found is not None:
            setattr(self, attname, found)


@register
class EventFileType(ObjectType):
    model = EventFile
    parents = [*PLACES, "hosted_file"]
    alias = "file"
    bytes_at = "/v3/action/event_file/{id}/download"
    generic_references = [("for_type", "for_id")]
    scopes = {
        # A launcher's room, as the manifest has it: the file's own, else the session's.
        "device": Scope(
            "event_location_id",
            otherwise="event_session__event_location_id",
            only_where={"enable": True, "hide": False},
        )
    }
    search_text = ["filename", "title", "description"]
    views = {
        "enriched": [
            *("account.name", "event.name", "event_session.name", "event_session.code", "event_presentation.name"),
            *("event_presenter.full_name", "event_location.name", "event_exhibit.name", "hosted_file.filename"),
        ]
    }
    roles = {"create": "user", "update": "user"}

    def validate(self, row: EventFile, principal: Principal) -> None:
        if not row.for_id and all(getattr(row, f"{place}_id") is None for place in PLACES):
            raise ValidationError({"event_id": ["Say what the file is for: an event, or something of one."]})
