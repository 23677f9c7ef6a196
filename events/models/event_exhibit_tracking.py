from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction

from crud import ObjectType, register
from crud.declare.rules import Mask, RowRule, Scope
from crud.models import TenantObject
from events.consent import is_shared
from events.questions import check_answers
from events.scan_merge import FOLDED, MAX_NOTES, keep_change
from kernel.model_fields import HtmlField, TextCharField
from kernel.request_context import warn
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import BY_BUNDLE, Principal, current_principal

BADGE_OF_A_LEAD = (
    *("id", "event_id", "full_name", "full_name_override", "given_name", "family_name", "professional_title"),
    *("affiliations", "location", "email", "phone", "badge_type_code"),
)
"""What an exhibitor may read of the badge behind a lead; the rest of it only the staff."""


def validate_responses(value: Any) -> None:
    if isinstance(value, dict) or (isinstance(value, list) and all(isinstance(answer, dict) for answer in value)):
        return
    raise ValidationError("Give an object {code: answer}, or a list of objects with one answer each.")


def validate_tags(value: Any) -> None:
    if not isinstance(value, list) or len(value) > 100:
        raise ValidationError("Give a list of texts.")
    if any(not isinstance(tag, str) or not tag.strip() or len(tag) > 100 for tag in value):
        raise ValidationError("A tag is a text of 1 to 100 characters.")


class EventExhibitTracking(TenantObject):
    """A lead: one exhibit has met the holder of one badge."""

    event_exhibit = TenantForeignKey("events.EventExhibit", models.PROTECT, related_name="+")
    event_badge = TenantForeignKey("events.EventBadge", models.PROTECT, null=True, blank=True, related_name="+")
    captured_on = models.DateTimeField(null=True, blank=True)
    captured_by = TextCharField(max_length=200, null=True, blank=True)
    rating = models.IntegerField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    exhibitor_notes = HtmlField(null=True, blank=True)
    responses_json = models.JSONField(null=True, blank=True, validators=[validate_responses])

    client_ref = TextCharField(max_length=100, null=True, blank=True, editable=False)
    """Of the earliest scan; so are the two moments."""
    device_captured_on = models.DateTimeField(null=True, blank=True, editable=False)
    received_on = models.DateTimeField(null=True, blank=True, editable=False)
    scan_count = models.PositiveIntegerField(default=0, editable=False)
    tags_json = models.JSONField(null=True, blank=True, validators=[validate_tags])
    contact_shared = models.BooleanField(default=False, editable=False)
    """Whether the exhibit gets the badge's contact data; kept by `events.consent`."""

    folding = False
    """Whether it is written as scans have it."""
    consent_known: bool | None = None
    """What `events.consent` says, where whoever makes the row has asked."""

    class Meta(TenantObject.Meta):
        db_table = "event_exhibit_tracking"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event_exhibit", "captured_on"], name="exhibit_tracking_acct_captured"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event_exhibit", "event_badge"], name="exhibit_tracking_badge_once"),
        ]

    def derive(self) -> None:
        if self._state.adding or any(
            getattr(self, name) != self.stored(name) for name in ("event_badge_id", "event_exhibit_id")
        ):
            known = self.consent_known
            shared = is_shared(self.event_badge_id, self.event_exhibit_id) if known is None else known
            self.contact_shared = shared
        super().derive()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What is changed by hand after a scan counts as of now, among the scans."""
        by_hand = {} if self._state.adding or self.folding or not self.scan_count else self.changes()
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            if FOLDED & by_hand.keys():
                keep_change(self, {name: getattr(self, name) for name in sorted(FOLDED & by_hand.keys())})

    def __str__(self) -> str:
        return str(self.id_random)


@register
class EventExhibitTrackingType(ObjectType):
    model = EventExhibitTracking
    parents = ["event_exhibit", "event_badge"]
    alias = "tracking"
    sorted_by = ["captured_on"]
    personal = ["exhibitor_notes", "responses_json", "tags_json", "notes"]
    same_person = ["event_badge"]
    search_text = ["captured_by", "exhibitor_notes"]
    views = {
        "enriched": [
            *("account.name", "event_exhibit.name", "event_exhibit.code"),
            *("event_badge.full_name", "event_badge.affiliations", "event_badge.professional_title"),
        ]
    }
    roles = {"create": "user", "update": "user"}
    read_only = ["contact_shared", "client_ref", "device_captured_on", "received_on", "scan_count"]
    scopes = {
        "exhibitor": Scope(
            "event_exhibit_id",
            through={"event_badge": BADGE_OF_A_LEAD},
            writes=("rating", "exhibitor_notes", "responses_json", "tags_json", "hide"),
            delete_methods=("hide",),
        )
    }
    # Leads belong to the exhibitor; who runs the event sees them where the exhibitor agreed (contract section 8).
    row_rules = [
        RowRule(below="manager", relation="event_exhibit", field="leads_api_access", signed_in_exempt=True),
    ]
    masks = [Mask("event_badge", ("email", "phone", "location"), unless="contact_shared", account_adds=True)]

    def validate(self, row: EventExhibitTracking, principal: Principal) -> None:
        if len((row.exhibitor_notes or "").encode()) > MAX_NOTES:
            raise ValidationError({"exhibitor_notes": ["At most 64 KiB."]})
        if row.responses_json and row.responses_json != row.stored("responses_json"):
            try:
                check_answers(row.event_exhibit.leads_questions_json, row.responses_json)
            except ValidationError as error:
                if current_principal() is not BY_BUNDLE:
                    raise ValidationError({"responses_json": error.messages}) from None
                # They were given to the questions of their day.
                exhibit = f"event_exhibit {row.event_exhibit.id_random}"
                misfit = f"its questions any more, and are kept as they are ({error.messages[0]})"
                warn(f"{exhibit}: answers of its leads do not fit {misfit}")
