from __future__ import annotations

import time

from django.db import models
from django.db.models import Case, F, Subquery, Value, When

from kernel.model_fields import IdField
from tenancy.foreign_key import TenantForeignKey, TenantOneToOneField
from tenancy.models import TenantRow


class EventManifest(TenantRow):
    """How often the files of an event have changed. Whoever changes them raises `seq` first, and so waits for whoever
    is changing them: of many uploads at once each finds the one before. Made with the event."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    event = TenantOneToOneField("events.Event", models.CASCADE, related_name="+")
    seq = models.BigIntegerField(default=0)

    class Meta(TenantRow.Meta):
        db_table = "event_manifest"

    def __str__(self) -> str:
        return f"{self.event_id}: {self.seq}"

    @classmethod
    def advance(cls, event_id: int | None) -> None:
        """To the next number of this event. Whoever asks for it meanwhile waits until the running transaction ends.

        Of an event of another account there is none here: who refers to it is refused when the row is written.
        """
        # By the clock where that is later: a database that was put back does not give out a number a second time.
        now = int(time.time() * 1_000)
        cls.objects.filter(event_id=event_id).update(seq=Case(When(seq__lt=now, then=Value(now)), default=F("seq") + 1))

    @classmethod
    def number_of(cls, event_id: int) -> Subquery:
        """Its number now, for a statement that notes it."""
        return Subquery(cls.objects.filter(event_id=event_id).values("seq"))


class EventFileDeparture(TenantRow):
    """A file that was deleted, or went to another event: a room that has it is told so."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    event = TenantForeignKey("events.Event", models.CASCADE, related_name="+")
    event_file_id_random = IdField()
    seq = models.BigIntegerField()

    class Meta(TenantRow.Meta):
        db_table = "event_file_departure"
        indexes = [models.Index(fields=["event", "seq"], name="event_file_departure_seq")]

    def __str__(self) -> str:
        return str(self.event_file_id_random)
