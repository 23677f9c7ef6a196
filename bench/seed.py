"""Fills the tables, the same way each time: `python -m bench.seed SAMPLES`, in the environment of the service.

Account 1 has 60 % of everything. Rows go in by plain SQL, in bulk; the API key is made as staff make one.
SAMPLES is written for the workloads: the key, the accounts, ids of some rows with their account.
"""

from __future__ import annotations

import json
import random
import secrets
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

ACCOUNTS = 50
BATCH = 1_000
SAMPLED = 4_000
ROWS = {"person": 500, "event": 500, "event_location": 1_000, "event_session": 20_000, "journal": 1_000}
ROWS["journal_entry"] = 200_000
PARENT = {"event_location": "event", "event_session": "event", "journal_entry": "journal"}
BEGIN = datetime(2026, 1, 1)  # noqa: DTZ001  (UTC, as the driver wants it)
COMMON_WORDS = (
    "summit keynote panel workshop award dinner budget review travel badge speaker poster committee chapter renewal "
    "member sponsor agenda minutes abstract lounge shuttle catering archive"
).split()
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
RARE_WORDS = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES]


@dataclass
class Samples:
    key: str = ""
    rated_key: str = ""
    user: dict[str, str] = field(default_factory=dict)
    """Username and password, of the first account."""
    accounts: list[str] = field(default_factory=list)
    """Public ids, by the order of their keys."""
    rows: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Type → pairs of public id and the account's public id."""

    @classmethod
    def load(cls, file: Path) -> Samples:
        return cls(**json.loads(file.read_text()))


def parent_of(key: int, type_name: str) -> int:
    return 1 + (key * 7_919) % ROWS[PARENT[type_name]]


class Seeder:
    def __init__(self) -> None:
        self.random = random.Random(20260101)
        self.ids: dict[str, list[str]] = {}
        self.accounts: dict[str, list[int]] = {}
        self.used: set[str] = set()
        self.rooms: dict[int, list[int]] = {}
        self.content_words = COMMON_WORDS + RARE_WORDS
        self.weights = list(accumulate(1 / rank for rank in range(5, len(self.content_words) + 5)))

    def public_id(self) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        while True:
            made = "".join(self.random.choices(letters, k=11))
            if made not in self.used:
                self.used.add(made)
                return made

    def text(self, words: int) -> str:
        """Words as texts have them: some in every second one, most in very few."""
        return " ".join(self.random.choices(self.content_words, cum_weights=self.weights, k=words))

    def moment(self, minutes: int = 525_600) -> datetime:
        return BEGIN + timedelta(minutes=self.random.randrange(minutes))

    def common(self, key: int, type_name: str) -> dict[str, Any]:
        public_id = self.public_id()
        self.ids.setdefault(type_name, []).append(public_id)
        return {
            "id": key,
            "id_random": public_id,
            "enable": self.random.random() < 0.95,
            "hide": self.random.random() < 0.05,
            "priority": self.random.random() < 0.1,
            "sort": self.random.randrange(10),
            "group": None,
            "notes": None,
            "created_on": self.moment() - timedelta(days=366),
            "updated_on": BEGIN,
        }

    def account_rows(self) -> Iterator[dict[str, Any]]:
        for key in range(1, ACCOUNTS + 1):
            row = self.common(key, "account") | {"enable": True, "hide": False}
            yield row | {"code": f"account-{key}", "name": f"Account {key}", "time_zone": "UTC"}

    def rows(self, type_name: str) -> Iterator[dict[str, Any]]:
        """Children go round their parents, so that accounts lie mixed in the tables, as in real life."""
        parent = PARENT.get(type_name)
        owners = self.accounts.setdefault(type_name, [])
        count = ROWS[type_name]
        for key in range(1, count + 1):
            row = self.common(key, type_name)
            if parent:
                parent_key = parent_of(key, type_name)
                row[f"{parent}_id"] = parent_key
                owner = self.accounts[parent][parent_key - 1]
            else:
                owner = 1 if key <= count * 0.6 else 2 + key % (ACCOUNTS - 1)
            owners.append(owner)
            yield row | {"account_id": owner} | getattr(self, type_name)(key, row)

    def person(self, key: int, row: dict[str, Any]) -> dict[str, Any]:
        given, family = (self.random.choice(RARE_WORDS).title() for _ in range(2))
        return {"given_name": given, "family_name": family, "full_name": f"{given} {family}"}

    def event(self, key: int, row: dict[str, Any]) -> dict[str, Any]:
        return self.named("code") | {"start_datetime": self.moment(), "description": f"<p>{self.text(30)}</p>"}

    def event_location(self, key: int, row: dict[str, Any]) -> dict[str, Any]:
        return {"name": f"Room {key}", "code": f"R{key}", "capacity": self.random.randrange(20, 500)}

    def event_session(self, key: int, row: dict[str, Any]) -> dict[str, Any]:
        start = self.moment()
        values = self.named("code") | {"description": f"<p>{self.text(45)}</p>", "type_code": "talk"}
        rooms = self.rooms_of(row["event_id"])
        return values | {
            "event_location_id": self.random.choice(rooms) if key % 4 else None,
            "poc_person_id": self.person_of(key, "event_session"),
            "start_datetime": start,
            "end_datetime": start + timedelta(minutes=45),
            "external_id": f"X{key}" if key % 3 else None,
        }

    def journal(self, key: int, row: dict[str, Any]) -> dict[str, Any]:
        return {"name": self.named("type_code")["name"], "summary": self.text(12)}

    def journal_entry(self, key: int, row: dict[str, Any]) -> dict[str, Any]:
        values = self.named("category_code")
        content = self.text(30)
        start = self.moment()
        return values | {
            "person_id": self.person_of(key, "journal_entry"),
            "content": content,
            "tags_json": json.dumps(self.random.sample(COMMON_WORDS, 2)) if key % 2 else None,
            "start_datetime": start,
            "end_datetime": start + timedelta(hours=1) if key % 2 else None,
            "start_time_zone": "Europe/Berlin" if key % 2 else None,
            "latitude": round(self.random.uniform(-90, 90), 5) if key % 3 else None,
            "longitude": round(self.random.uniform(-180, 180), 5) if key % 3 else None,
            "url": None,
        }

    def named(self, code_field: str) -> dict[str, Any]:
        name = " ".join(self.random.choices(COMMON_WORDS, k=4)).title()
        return {"name": name, code_field: f"C{self.random.randrange(2_000):04d}"}

    def person_of(self, key: int, type_name: str) -> int | None:
        """A person for every third row of account 1, whose persons come first in the table."""
        return 1 + key % (ROWS["person"] * 6 // 10) if key % 3 == 0 and self.accounts[type_name][-1] == 1 else None

    def rooms_of(self, event_key: int) -> list[int]:
        if not self.rooms:
            for key in range(1, ROWS["event_location"] + 1):
                self.rooms.setdefault(parent_of(key, "event_location"), []).append(key)
        return self.rooms[event_key]

    def sample(self, type_name: str) -> list[tuple[str, str]]:
        keys = self.random.sample(range(ROWS[type_name]), min(SAMPLED, ROWS[type_name]))
        ids, owners, accounts = self.ids[type_name], self.accounts[type_name], self.ids["account"]
        return [(ids[key], accounts[owners[key] - 1]) for key in keys]


def searched(rows: Iterable[dict[str, Any]], model: Any) -> Iterator[dict[str, Any]]:
    """The same rows with `default_qry_str`, as the model derives it."""
    from kernel.html import html_to_text
    from kernel.search_text import search_text_of

    for row in rows:
        texts = (row.get(name) for name in model.search_text)
        # What search_text_of makes of texts as plain as these; the first ones are compared with it.
        plain = " ".join(text.removeprefix("<p>").removesuffix("</p>") for text in texts if text).lower()
        row["default_qry_str"] = f" {plain} "
        if row["id"] < 50:
            expected = search_text_of(html_to_text(row[n]) if row.get(n) else None for n in model.search_text)
            assert row["default_qry_str"] == expected, (row["default_qry_str"], expected)
        yield row


def insert(cursor: Any, table: str, rows: Iterable[dict[str, Any]]) -> None:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        columns = list(batch[0])
        places = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO `{table}` ({', '.join(f'`{c}`' for c in columns)}) VALUES ({places})"
        cursor.executemany(sql, [[row[c] for c in columns] for row in batch])


def seed() -> Samples:
    from django.apps import apps
    from django.db import connection, transaction

    models = {model._meta.db_table: model for model in apps.get_models()}
    seeder = Seeder()
    with connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0, unique_checks = 0")
        insert(cursor, "account", seeder.account_rows())
        for type_name in ROWS:
            rows = seeder.rows(type_name)
            if getattr(models[type_name], "search_text", None):
                rows = searched(rows, models[type_name])
            with transaction.atomic():
                insert(cursor, type_name, rows)
        cursor.execute("SET foreign_key_checks = 1, unique_checks = 1")
        for type_name in ("account", *ROWS):
            cursor.execute(f"ANALYZE TABLE `{type_name}`")
            cursor.fetchall()
    sampled = ("event", "event_session", "journal", "journal_entry")
    rows = {name: seeder.sample(name) for name in sampled}
    return Samples(make_key(), make_key(rate_per_minute=10**6), make_user(), seeder.ids["account"], rows)


def make_key(**more: Any) -> str:
    """A server's key, as `manage.py create_api_key` makes one: an administrator of any account, without a rate."""
    from accounts.models import ApiKey

    _, key = ApiKey.issue(name="bench", kind="secret", role="administrator", all_accounts=True, **more)
    return key


def make_user() -> dict[str, str]:
    from accounts.models import Account, User
    from tenancy.context import every_tenant, tenant

    with every_tenant(reason="find the account that the bench signs in to"):
        account = Account.objects.order_by("pk")[0]
    username, password = "bench", secrets.token_urlsafe(16)
    with tenant(account.pk):
        user = User(username=username, email="bench@example.org", account=account, administrator=True)
        user.set_password(password)
        user.save()
    return {"username": username, "password": password}


if __name__ == "__main__":
    import django

    django.setup()
    Path(sys.argv[1]).write_text(json.dumps(asdict(seed())))
