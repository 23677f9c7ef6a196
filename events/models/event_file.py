from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from crud import ObjectType, register
from crud.declare.rules import Scope
from crud.models import ObjectManager, ObjectQuerySet, TenantObject
from events.ancestors import keep_ancestors
from events.file_names import name_key, variants
from events.models.event_file_preflight import PREFLIGHT_LEVELS
from events.models.event_manifest import EventManifest
from events.models.event_presentation import EventPresentation
from events.models.event_session import EventSession
from events.slots import NO_APPROVAL_NEEDED, SLOTS, STATES, default_slot, freezes_on, slot_key
from files.models import HostedFile
from kernel.errors import Refused
from kernel.model_fields import (
    HtmlField,
    IdField,
    InternalCharField,
    InternalIntegerField,
    TextCharField,
)
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import BY_BUNDLE, Principal, Role, current_principal

PLACES: Final = (
    *("event", "event_session", "event_presentation"),
    *("event_presenter", "event_location", "event_exhibit"),
)
"""What a file can be for. Each is the name of an object type and of the foreign key to it."""
PARENTS: Final = ("event_presentation", "event_session", "event_exhibit", "event_location", "event")
"""Whose slots there are, the nearest first. A presenter's files are the talk's."""
NAMES_TRIED: Final = 50


class EventFileQuerySet(ObjectQuerySet):
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        with transaction.atomic(savepoint=False):
            taken: set[str | None] = set()
            named: dict[tuple[int, str], str | None] = {}
            for row in rows:
                row.derive()
                if row.slot_key is not None and row.slot_key in taken and current_principal() is not BY_BUNDLE:
                    raise ValidationError({"slot": ["Two of these files are for the same slot; send one."]})
                taken.add(row.slot_key)
                row.take_place(named)
                named[row.event_id, row.save_as_key] = row.slot_key
            return super().bulk_create(rows, *args, **kwargs)


class EventFileManager(ObjectManager.from_queryset(EventFileQuerySet)):  # type: ignore[misc]
    pass


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
    slot = TextCharField(max_length=16, null=True, blank=True, choices=[(slot, slot) for slot in SLOTS])
    version = models.PositiveIntegerField(default=1, editable=False)
    is_current = models.BooleanField(default=True, editable=False)
    slot_state = TextCharField(
        max_length=16, default="uploaded", choices=[(state, state) for state in STATES], editable=False
    )
    approved = models.BooleanField(default=False, editable=False)
    approved_on = models.DateTimeField(null=True, blank=True, editable=False)
    approved_by = TextCharField(max_length=200, null=True, blank=True, editable=False)
    rejected_reason = TextCharField(max_length=1000, null=True, blank=True, editable=False)
    frozen_on = models.DateTimeField(null=True, blank=True, editable=False)
    freeze_lifted = models.BooleanField(default=False, editable=False, help_text="Staff let it change all the same")
    preflight_level = TextCharField(
        max_length=16,
        null=True,
        blank=True,
        choices=[(level, level) for level in PREFLIGHT_LEVELS],
        editable=False,
        help_text="What a look into it has come to; empty until then",
    )
    save_as = TextCharField(max_length=255, null=True, blank=True, editable=False)
    slot_key = InternalCharField(max_length=32, null=True, editable=False)
    save_as_key = InternalCharField(max_length=32, null=True, editable=False)
    changed_seq = InternalIntegerField(default=0, editable=False)
    """`EventManifest.seq` when its entry in the manifest may have changed last."""

    objects: ClassVar[Any] = EventFileManager()

    class Meta(TenantObject.Meta):
        db_table = "event_file"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "updated_on"], name="event_file_acct_event"),
            models.Index(fields=["account", "for_type", "for_id"], name="event_file_acct_for"),
            models.Index(fields=["account", "slot_key"], name="event_file_acct_slot"),
            models.Index(fields=["event", "save_as_key"], name="event_file_event_name"),
            models.Index(fields=["event", "changed_seq"], name="event_file_event_seq"),
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
        self._take_slot()
        if not self._state.adding and self.hosted_file_id != self.stored("hosted_file_id"):
            self.preflight_level = None  # other bytes
        self.slot_state = self.state_now()
        super().derive()

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)

    def prepare(self) -> None:
        super().prepare()
        self.take_place()

    # Slots

    def _take_slot(self) -> None:
        if not self.slot:
            content_type, _, _ = self._hosted()
            self.slot = default_slot(content_type, self.name, of_talk=self.event_presentation_id is not None)
        parent = self.parent
        self.slot_key = slot_key(*parent, self.slot, self.name) if parent and self.event_id else None

    @property
    def parent(self) -> tuple[str, int] | None:
        """Type and key of the object whose slot it fills."""
        named = "event_presentation" if self.for_type == "event_presenter" else self.for_type
        for place in filter(None, (named, *PARENTS)):
            key = getattr(self, f"{place}_id", None)
            if key is not None:
                return place, key
        return None

    @property
    def name(self) -> str:
        if self.filename:
            return str(self.filename)
        return self._hosted()[1] or "file"

    def _hosted(self) -> tuple[str | None, str | None, str | None]:
        """Content type, name and hash of its file."""
        known = self.__dict__.setdefault("_hosted_known", {})
        if self.hosted_file_id not in known:
            row = HostedFile.objects.filter(pk=self.hosted_file_id)
            values = row.values_list("content_type", "filename", "hash_sha256").first()
            known[self.hosted_file_id] = values or (None, None, None)
        columns: tuple[str | None, str | None, str | None] = known[self.hosted_file_id]
        return columns

    def versions(self) -> Any:
        """All rows of its slot."""
        return type(self).objects.filter(slot_key=self.slot_key)

    def take_place(self, named: Mapping[tuple[int, str], str | None] | None = None) -> None:
        """Become the newest version of the slot that it has come into, and take a name to be saved under.

        `named`: the names, by event and key, of rows that are written along with it, and the slots that they are in.
        Call it in the transaction that writes the row, before. Raises Refused where the slot is frozen.
        """
        if self.slot_key is None or current_principal() is BY_BUNDLE:
            self._take_name(named or {}, renew=self.save_as is None)
            return
        arrives = self._state.adding or self.slot_key != self.stored("slot_key")
        renamed = self.filename != self.stored("filename") or self.event_id != self.stored("event_id")
        if not arrives and not renamed:
            return
        if not self.__dict__.pop("_slot_is_locked", False):
            EventManifest.advance(self.event_id)
        if arrives:
            others = list(self.versions().exclude(pk=self.pk).order_by("-version"))
            last = others[0] if others else None
            if last is not None:
                last.demand_changeable(current_principal())
                self.frozen_on, self.freeze_lifted = last.frozen_on, last.freeze_lifted
            else:
                self.demand_changeable(current_principal())
            self.version, self.is_current = (last.version + 1 if last else 1), True
            self.slot_state = self.state_now()
            retire(others)
        self._take_name(named or {}, renew=True)

    def with_these_bytes(self, hash_sha256: str | None = None) -> EventFile | None:
        """The current version of its slot, if it has these bytes, else its own; it takes the new name. Locks the slot
        until the running transaction ends."""
        hash_sha256 = hash_sha256 or self._hosted()[2]
        if self.slot_key is None or hash_sha256 is None:
            return None
        EventManifest.advance(self.event_id)
        self.__dict__["_slot_is_locked"] = True
        there = self.versions().filter(is_current=True, enable=True, hide=False, hosted_file__hash_sha256=hash_sha256)
        version: EventFile | None = there.first()
        if version is not None and self.filename and version.filename != self.filename:
            version.filename, version.extension = self.filename, self.extension
        return version

    def retire_others(self) -> None:
        """The slot's current version is this one alone."""
        retire(self.versions().filter(is_current=True).exclude(pk=self.pk))

    def _take_name(self, named: Mapping[tuple[int, str], str | None], *, renew: bool) -> None:
        """The first portable name that no file of another slot of the event has; its own, while that is one."""
        if not renew and self.save_as:
            self.save_as_key = name_key(self.save_as)
        if not renew or self.event_id is None:
            return
        names = variants(self.name)
        while True:
            tried = list(islice(names, NAMES_TRIED))
            if self.save_as in tried:
                tried.insert(0, self.save_as)
            others = type(self).objects.filter(event_id=self.event_id).exclude(pk=self.pk)
            if self.slot_key is not None:
                others = others.exclude(slot_key=self.slot_key)
            keys = {name: name_key(name) for name in tried}
            taken = set(others.filter(save_as_key__in=keys.values()).values_list("save_as_key", flat=True))
            taken |= {key for (event, key), slot in named.items() if event == self.event_id and slot != self.slot_key}
            free = next((name for name in tried if keys[name] not in taken), None)
            if free is not None:
                self.save_as, self.save_as_key = free, keys[free]
                return

    # Approval and freezing

    def state_now(self) -> str:
        if self.rejected_reason:
            return "rejected"
        if self.frozen_since() is not None:
            return "frozen"
        return "approved" if self.approved else "uploaded"

    def frozen_since(self) -> datetime | None:
        """Since when only staff replace it; None: everybody who may upload does."""
        if self.frozen_on is not None:
            frozen: datetime = self.frozen_on
            return frozen
        moment = None if self.freeze_lifted else self.freezes_on()
        return moment if moment is not None and moment <= timezone.now() else None

    def freezes_on(self) -> datetime | None:
        """When it freezes by itself: so many minutes before the talk, else the session, begins."""
        place = (self.event_session_id, self.event_presentation_id)
        known = self.__dict__.setdefault("_freezes_known", {})
        if place not in known:
            known[place] = self._look_up_freeze() if self.event_session_id is not None else None
        moment: datetime | None = known[place]
        return moment

    def _look_up_freeze(self) -> datetime | None:
        if self.event_presentation_id is not None:
            rows, way = EventPresentation.objects.filter(pk=self.event_presentation_id), "event_session__"
        else:
            rows, way = EventSession.objects.filter(pk=self.event_session_id), ""
        columns = ("start_datetime", f"{way}start_datetime", f"{way}freeze_minutes", f"{way}event__cfg_json")
        times = rows.values_list(*columns).first()
        return freezes_on(times[0] or times[1], times[2], times[3]) if times else None

    def demand_changeable(self, principal: Principal) -> None:
        """Raises Refused where the slot is frozen for such a principal."""
        since = None if principal.may(Role.ADMINISTRATOR) else self.frozen_since()
        if since is not None:
            raise Refused(
                f"This slot is frozen since {since:%Y-%m-%d %H:%M} UTC; staff may still replace its file.",
                extra={"frozen_since": since},
            )

    def _follow_place(self) -> None:
        """Point the reference of the type `for_type` at the object `for_id`."""
        renamed = (self.for_type, self.for_id) != (self.stored("for_type"), self.stored("for_id"))
        if self.for_type not in PLACES or not self.for_id or not renamed:
            return
        model: Any = self._meta.get_field(self.for_type).related_model
        key = model.objects.filter(id_random=self.for_id).values_list("pk", flat=True).first()
        attname = f"{self.for_type}_id"
        given = getattr(self, attname)
        if key is not None and given not in (None, self.stored(attname), key):
            raise ValidationError({"for_id": [f"It names another object than {attname}."]})
        if key is not None:
            setattr(self, attname, key)


def retire(versions: Iterable[EventFile]) -> None:
    for former in versions:
        if former.is_current:
            former.is_current = False
            former.save()


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
            only_where={"enable": True, "hide": False, "is_current": True, "rejected_reason": None},
            one_of=({"approved": True}, *NO_APPROVAL_NEEDED),
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
    versions_by = "is_current"
    read_only = [
        *("version", "is_current", "slot_state", "approved", "approved_on", "approved_by", "rejected_reason"),
        *("frozen_on", "freeze_lifted", "save_as", "preflight_level"),
    ]

    def already(self, row: EventFile) -> EventFile | None:
        """The slot's current version, where it has these bytes: they are no new version under another name either."""
        row.derive()
        return row.with_these_bytes()

    def validate(self, row: EventFile, principal: Principal) -> None:
        if not row.for_id and all(getattr(row, f"{place}_id") is None for place in PLACES):
            raise ValidationError({"event_id": ["Say what the file is for: an event, or something of one."]})
        if row.slot == "":
            row.slot = None
