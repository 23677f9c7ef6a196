"""A session of writes, the same in every run and on both databases, ends in the same tables (abuse case WRT-20).

What it ends in stands in recorded_session.txt: the statuses that were answered, and the exports. To write it anew:
    RENEW_SNAPSHOTS=1 python -m pytest tests/crud/test_recorded_session.py
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Answer, Party

KEPT = Path(__file__).with_name("recorded_session.txt")
WRITES = 1_200
TEXTS = (
    *("plain", "PLAIN", "plain ", " plain", "", "é", "e\u0301", "É", "ß", "ss", "😀", "🍣", "a\u200db", "日本語", "ﬀ"),
    *("'; DROP TABLE journal", "100%", "under_score", "back\\slash", '"quoted"', "=1+1", "two\nlines", "tab\t", "-5"),
    *("İstanbul", "ısparta", "Ångström", "\u202eright", "x" * 255, "y" * 256, "\x00", "\ud800", None, 5, True, ["x"]),
)
NUMBERS = (0, -1, 1, 47, 2**31 - 1, 2**31, -(2**31), 10**30, 1.0, 1.5, "1", None, True)
PLACES = (0, -0.0, 0.1, 1 / 3, -90, 90, 90.000001, 1e-300, 1e308, "1", None, True)
MOMENTS = (
    *("2026-03-08T02:30", "2026-11-01T01:30:00", "2026-01-01", "2026-01-01T00:00:00.123456Z", "2026-01-01T12:00+14:00"),
    *("1000-01-01T00:00Z", "0999-12-31T00:00Z", "9999-12-31T23:59:59.999999Z", "soon", None, 5),
)
DOCUMENTS = ({}, {"b": 1, "a": [True, 1, 1.0, None]}, ["x", "X"], [1], {"": "é"}, {"n": 2**63}, "text", None)
FLAGS = (True, False, None, 0, 1, "", "true", "FALSE", "perhaps", 2)


class Session:
    """Somebody who writes at random, but always the same."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.random = random.Random(20)
        self.ids: dict[str, list[str]] = {"journal": [], "journal_entry": [], "page": []}
        self.answered: Counter[str] = Counter()

    def any_of(self, values: Any) -> Any:
        return values[self.random.randrange(len(values))]

    def some(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self.any_of(choices) for name, choices in values.items() if self.random.random() < 0.25}

    def body(self, type_name: str) -> dict[str, Any]:
        if type_name == "journal":
            return self.some({"name": TEXTS, "summary": TEXTS, "cfg_json": DOCUMENTS, "sort": NUMBERS, "hide": FLAGS})
        if type_name == "page":
            return self.some({"name": TEXTS, "path": TEXTS, "title": TEXTS, "content": TEXTS, "enable": FLAGS})
        texts = {"name": TEXTS, "category_code": TEXTS, "content": TEXTS, "tags_json": DOCUMENTS, "notes": TEXTS}
        return self.some({**texts, "sort": NUMBERS, "latitude": PLACES, "start_datetime": MOMENTS, "hide": FLAGS})

    def one_of(self, type_name: str) -> str:
        known = self.ids[type_name]
        return self.any_of(known) if known and self.random.random() < 0.95 else "nowhere0000"

    def new(self, type_name: str) -> dict[str, Any]:
        above = {"page": ("site_id", self.party.site.id_random), "journal_entry": ("journal_id", "")}.get(type_name)
        named = {"name": self.any_of(TEXTS[:12])} | ({"path": self.any_of(TEXTS)} if type_name == "page" else {})
        parent = {above[0]: above[1] or self.one_of("journal")} if above else {}
        return named | parent | self.body(type_name)

    def create(self, type_name: str) -> Answer:
        answer = self.party.administrator.post(f"/v3/crud/{type_name}/", self.new(type_name))
        self.ids[type_name] += [answer.data["id"]] if answer.status == 201 else []
        return answer

    def patch(self, type_name: str) -> Answer:
        return self.party.administrator.patch(f"/v3/crud/{type_name}/{self.one_of(type_name)}", self.body(type_name))

    def delete(self, type_name: str) -> Answer:
        method = self.any_of(("hide", "disable", "delete"))
        return self.party.administrator.delete(f"/v3/crud/{type_name}/{self.one_of(type_name)}?method={method}")

    def bulk(self, type_name: str) -> Answer:
        body = {
            "create": [self.new(type_name) for _ in range(self.random.randrange(4))],
            "update": [{"id": self.one_of(type_name), "sort": n} for n in range(self.random.randrange(3))],
        }
        answer = self.party.administrator.post(f"/v3/crud/{type_name}/bulk", body)
        self.ids[type_name] += [row["id"] for row in answer.data["created"]] if answer.status == 200 else []
        return answer

    def write(self) -> None:
        verbs: list[Callable[[str], Answer]] = [*[self.create] * 4, *[self.patch] * 3, self.delete, self.bulk]
        verb, type_name = self.any_of(verbs), self.any_of(("journal", *["journal_entry"] * 3, "page"))
        answer = verb(type_name)
        code = answer.meta["details"]["code"] if answer.status >= 400 else ""
        self.answered[f"{verb.__name__} {type_name} {answer.status} {code}".rstrip()] += 1

    def exported(self, type_name: str, fields: str) -> str:
        """Every row, in the order of a text and then of age."""
        query = (
            f"?export=csv&enabled=all&hidden=all&order_by=name,created_on&fields=name,sort,enable,hide,notes,{fields}"
        )
        answer = self.party.administrator.search(type_name, {}, query)
        assert answer.status == 200, answer.body
        return b"".join(answer.raw.streaming_content).decode("utf-8-sig")


@pytest.mark.timeout(300)
def test_both_databases_end_in_what_was_recorded(north: Party) -> None:
    session = Session(north)
    for _ in range(WRITES):
        session.write()
    parts = [
        *(f"{line}: {times}\n" for line, times in sorted(session.answered.items())),
        session.exported("journal", "summary,cfg_json"),
        session.exported("journal_entry", "category_code,content,tags_json,latitude,start_datetime"),
        session.exported("page", "path,title,content"),
    ]
    ended_in = "".join(parts).replace("\r\n", "\n")
    if os.environ.get("RENEW_SNAPSHOTS"):
        KEPT.write_text(ended_in, encoding="utf-8", newline="\n")
    assert ended_in.splitlines() == KEPT.read_text(encoding="utf-8").replace("\r\n", "\n").splitlines()
