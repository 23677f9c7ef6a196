from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models, transaction

from accounts.validators import require_order
from crud import ObjectType, register
from crud.models import TenantObject
from events import clash_warnings
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import Principal


class EventPresentation(TenantObject):
    event_session = TenantForeignKey("events.EventSession", models.PROTECT, related_name="+")
    code = TextCharField(max_length=100, null=True, blank=True)
    name = TextCharField(max_length=500)
    description = HtmlField(null=True, blank=True)
    start_datetime = models.DateTimeField(null=True, blank=True)
    end_datetime = models.DateTimeField(null=True, blank=True)
    external_id = TextCharField(max_length=100, null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "event_presentation"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event_session", "start_datetime"], name="event_presentation_acct_start"),
            models.Index(fields=["account", "external_id"], name="event_presentation_acct_ext"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A presentation that moves to another session takes its presenters and files along."""
        before = self.stored("event_session_id")
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            if before not in {None, self.event_session_id}:
                for name in ("EventPresenter", "EventFile"):
                    rows = apps.get_model("events", name).objects
                    for row in rows.filter(event_presentation=self, event_session_id=before):
                        row.event_session_id = self.event_session_id
                        row.save()


@register
class EventPresentationType(ObjectType):
    model = EventPresentation
    parents = ["event_session"]
    alias = "presentation"
    guests = True
    public = ["code", "name", "description", "start_datetime", "end_datetime", "event_session_id"]
    public_parents = ["event_session"]
    sorted_by = ["start_datetime"]
    search_text = ["code", "name", "description"]
    views = {"enriched": ["account.name", "event_session.name", "event_session.code"]}
    counts = ["event_presenter", "event_file"]

    def validate(self, row: EventPresentation, principal: Principal) -> None:
        require_order(row)

    def warnings(self, row: EventPresentation, changed: frozenset[str] | None) -> Iterable[str]:
        if changed is not None and changed & clash_warnings.PRESENTATION_COLUMNS:
            return clash_warnings.of_presentation(row)
        return ()
