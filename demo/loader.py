"""Puts rows where they are missing, and nothing else: what is there stays as people left it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.utils import timezone

from accounts.models import Account
from demo import credentials
from demo.associations import Association, Sizes
from kernel.transactions import in_transaction

BATCH = 1_000
Advance = Callable[[str, int], None]


class Taken(Exception):
    """Something of the demo's is somebody else's already."""


class NotThere(LookupError):
    """A row that another one refers to could not be made, nor can that one."""


@dataclass(frozen=True)
class Rows:
    """So many rows of one type, numbered from 0. Number 0 is the type's sample."""

    model: Any
    values: Callable[[Demo, int], dict[str, Any]]
    count: int | str
    """A number, or the field of Sizes that says how many there are in each block."""
    hidden: frozenset[int] = frozenset()
    disabled: frozenset[int] = frozenset()
    """By number; where a field of Sizes counts, by number within the block."""
    label: str = ""
    """Tells a second set of rows of the same type from the first."""

    @property
    def name(self) -> str:
        return self.label or str(self.model._meta.db_table)


class Demo:
    """One association's account while it is being loaded. Runs inside `tenant(account.pk)`."""

    def __init__(self, association: Association, account: Account | None, blocks: int) -> None:
        self.association = association
        self.account = account
        self.blocks = blocks
        self.now = timezone.now()
        self.keys: dict[str, int] = {}
        """Public id → integer key, of every row of the types that were loaded so far."""
        self.decks: dict[int, dict[str, Any]] = {}
        """Hash, size and place of the files that presenters' uploads share; see demo.files."""
        self.exhibit_passcode = ""
        self.left_out = 0

    @property
    def sizes(self) -> Sizes:
        return self.association.sizes

    def id(self, name: str, number: int = 0) -> str:
        return credentials.public_id(self.association.code, name, number)

    def key(self, name: str, number: int = 0) -> int:
        """The integer key of a row loaded before. Raises NotThere."""
        try:
            return self.keys[self.id(name, number)]
        except KeyError:
            raise NotThere from None

    def dice(self, name: str, number: int) -> Random:
        """Chance that falls alike each time, for one row apart from all others."""
        return Random(f"{self.association.code}/{name}/{number}")  # noqa: S311  (variety, no secret)

    def moment(self, day: int, minutes: int) -> datetime:
        """So many minutes after midnight on a day of the conference (0 is the first), where it takes place."""
        zone = ZoneInfo(self.association.time_zone)
        midnight = datetime.combine(self.association.first_day, datetime.min.time(), zone)
        return (midnight + timedelta(days=day, minutes=minutes)).astimezone(UTC)

    def total(self, rows: Rows) -> int:
        return rows.count if isinstance(rows.count, int) else getattr(self.sizes, rows.count) * self.blocks

    def missing(self, rows: Rows) -> list[int]:
        """The numbers whose rows are not there. Learns the keys of those that are."""
        if self.account is not None:
            self.keys |= dict(rows.model.objects.values_list("id_random", "pk"))
        return [number for number in range(self.total(rows)) if self.id(rows.name, number) not in self.keys]

    def load(self, rows: Rows, advance: Advance) -> int:
        """Make the missing rows. Answers how many were made."""
        made_rows = 0
        numbers = iter(self.missing(rows))
        while batch := list(islice(numbers, BATCH)):
            created = self._insert(rows, batch)
            self.keys |= {row.id_random: row.pk for row in created}
            if len(created) < len(batch):
                self.missing(rows)  # another run may have made them meanwhile
            self.left_out += sum(self.id(rows.name, number) not in self.keys for number in batch)
            made_rows += len(created)
            advance(rows.name, len(batch))
        return made_rows

    def _insert(self, rows: Rows, numbers: list[int]) -> list[Any]:
        def insert(some: list[int]) -> list[Any]:
            built = list(self._build(rows, some))
            return in_transaction(lambda: rows.model.objects.bulk_create(built)) if built else []

        try:
            return insert(numbers)
        except IntegrityError:  # somebody has a unique value that one of these rows needs
            return [row for number in numbers for row in self._insert_one(insert, number)]

    def _insert_one(self, insert: Callable[[list[int]], list[Any]], number: int) -> list[Any]:
        try:
            return insert([number])
        except IntegrityError:
            return []

    def _build(self, rows: Rows, numbers: list[int]) -> Iterator[Any]:
        for number in numbers:
            place = number if isinstance(rows.count, int) else number % getattr(self.sizes, rows.count)
            try:
                values = rows.values(self, number)
            except NotThere:
                continue
            state = {"hide": place in rows.hidden, "enable": place not in rows.disabled}
            stamps = {"created_on": self.now, "updated_on": self.now}
            yield rows.model(id_random=self.id(rows.name, number), **state | stamps | values)
