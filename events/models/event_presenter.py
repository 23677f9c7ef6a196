from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from accounts.full_name import keep_full_name
from crud import ObjectType, register
from crud.models import TenantObject
from events import clash_warnings
from events.ancestors import keep_ancestors
from kernel.model_fields import EmailField, HtmlField, InternalCharField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class EventPresenter(TenantObject):
    """Who presents. Its session is its presentation's, kept here so that a session lists its presenters."""

    event_presentation = TenantForeignKey("events.EventPresentation", models.PROTECT, related_name="+")
    event_session = TenantForeignKey("events.EventSession", models.PROTECT, null=True, blank=True, related_name="+")
    person = TenantForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    given_name = TextCharField(max_length=100, null=True, blank=True)
    family_name = TextCharField(max_length=100, null=True, blank=True)
    full_name = TextCharField(max_length=410, null=True, blank=True)
    professional_title = TextCharField(max_length=255, null=True, blank=True)
    affiliations = TextCharField(max_length=1000, null=True, blank=True)
    email = EmailField(null=True, blank=True)
    biography = HtmlField(null=True, blank=True)
    role_code = TextCharField(max_length=100, null=True, blank=True)
    agreed_on = models.DateTimeField(null=True, blank=True)
    arrived_on = models.DateTimeField(null=True, blank=True)
    external_id = TextCharField(max_length=100, null=True, blank=True)
    upload_link_made_on = models.DateTimeField(null=True, blank=True, editable=False)
    upload_link_expires_on = models.DateTimeField(null=True, blank=True, editable=False)
    upload_link_mailed_on = models.DateTimeField(null=True, blank=True, editable=False)
    upload_link_origin = InternalCharField(max_length=255, null=True, editable=False)
    """Where the link in its mail leads, for the reminders that follow."""
    upload_link_nonce = InternalCharField(max_length=16, null=True, editable=False)

    class Meta(TenantObject.Meta):
        db_table = "event_presenter"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event_presentation", "sort"], name="event_presenter_acct_sort"),
            models.Index(fields=["account", "external_id"], name="event_presenter_acct_external"),
        ]

    def derive(self) -> None:
        keep_full_name(self)
        keep_ancestors(self, [("event_presentation", "event_session")])
        super().derive()


@register
class EventPresenterType(ObjectType):
    model = EventPresenter
    parents = ["event_presentation", "event_session", "person"]
    alias = "presenter"
    guests = True
    public = [
        *("given_name", "family_name", "full_name", "professional_title", "affiliations", "biography", "role_code"),
        *("event_presentation_id", "event_session_id"),
    ]
    public_parents = ["event_presentation"]
    read_only = ["full_name", "arrived_on", "upload_link_made_on", "upload_link_expires_on", "upload_link_mailed_on"]
    sorted_by = ["family_name"]
    restricted = {
        "upload_link_made_on": "administrator",
        "upload_link_expires_on": "administrator",
        "upload_link_mailed_on": "administrator",
    }
    # What the programme shows of a presenter stays: it was published, and is the event's record.
    personal = ["email", "external_id", "notes"]
    same_person = ["person"]
    search_text = ["full_name", "given_name", "family_name", "professional_title", "affiliations", "biography"]
    views = {"enriched": ["account.name", "event_presentation.name", "event_session.name", "person.full_name"]}
    counts = ["event_file"]

    def warnings(self, row: EventPresenter, changed: frozenset[str] | None) -> Iterable[str]:
        if changed is None or changed & clash_warnings.PRESENTER_COLUMNS:
            return clash_warnings.of_presenter(row)
        return ()
