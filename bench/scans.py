"""`python -m bench.scans`: what a scan of a badge costs beside a create, one by one and 500 at once.

CPU of the process that serves, in one thread without a server, on SQLite and on a MariaDB of its own; the least of five
rounds, as others use the machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from itertools import count
from typing import Any

from bench.processes import say
from bench.report import table
from bench.stacks import ROOT, own_installation

ROUNDS, EACH, BATCH = 5, 40, 500


def cpu(work: Callable[[], None], times: int) -> float:
    """Milliseconds of each."""
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times * 1_000


class Fair:
    """An exhibit, badges, and a key that may scan them, in the database of DJANGO_SETTINGS_MODULE."""

    def __init__(self) -> None:
        from django.test import Client
        from django.utils import timezone

        from accounts.models import Account, ApiKey
        from events.models import Event, EventExhibit
        from tenancy.context import every_tenant, tenant

        with every_tenant(reason="the bench makes its account"):
            account = Account(code="bench", name="Bench")
            account.save()
        key = ApiKey.issue(name="bench", role="manager", accounts=[account])[1]
        with tenant(account.pk):
            event = Event(name="Fair")
            event.save()
            exhibit = EventExhibit(event=event, name="Booth", leads_api_access=True)
            exhibit.save()
        self.account, self.event, self.exhibit = account, event, exhibit
        self.client, self.now = Client(), timezone.now
        self.headers: Any = {"HTTP_X_AETHER_API_KEY": key, "HTTP_X_ACCOUNT_ID": account.id_random}
        self.numbers = count()

    def badges(self, number: int) -> list[Any]:
        from events.models import EventBadge
        from tenancy.context import tenant

        with tenant(self.account.pk):
            rows = [EventBadge(event=self.event, full_name="Bea", allow_tracking=True) for _ in range(number)]
            return EventBadge.objects.bulk_create(rows)

    def post(self, path: str, body: Any) -> Any:
        answer = self.client.post(path, json.dumps(body), content_type="application/json", **self.headers)
        assert answer.status_code in (200, 201), answer.content
        return answer.json()["data"]

    def scan(self, badges: list[Any]) -> None:
        scans = [
            {
                "code": badge.badge_token,
                "client_ref": f"phone-{next(self.numbers)}",
                "captured_on": self.now().isoformat(),
                "rating": 4,
                "tags": ["hot"],
            }
            for badge in badges
        ]
        results = self.post(f"/v3/action/event_exhibit/{self.exhibit.id_random}/scan", {"scans": scans})["results"]
        assert {result["outcome"] for result in results} == {"created"}

    def create(self, badge: Any) -> None:
        lead = {"event_exhibit_id": self.exhibit.id_random, "event_badge_id": badge.id_random, "rating": 4}
        self.post("/v3/crud/event_exhibit_tracking/", lead | {"tags_json": ["hot"]})


def ask() -> None:
    """In the process of the installation: prints milliseconds as JSON."""
    import django

    django.setup()
    fair = Fair()
    rounds = []
    for _ in range(ROUNDS + 1):
        badges = iter(fair.badges(2 * EACH + BATCH))
        create = cpu(lambda badges=badges: fair.create(next(badges)), EACH)
        scan = cpu(lambda badges=badges: fair.scan([next(badges)]), EACH)
        batch = cpu(lambda badges=badges: fair.scan(list(badges)), 1)
        rounds.append((create, scan, batch))
    print(json.dumps([min(column) for column in zip(*rounds[1:], strict=True)]))


def measure(kind: str) -> list[str]:
    with own_installation(kind) as environment:
        environment = {**environment, "AETHER_ENV": "development"}
        command = [sys.executable, "-c", "from bench.scans import ask; ask()"]
        done = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    create, scan, batch = json.loads(done.stdout.splitlines()[-1])
    say(f"{kind} is measured")
    cells = [f"{create:.2f}", f"{scan:.2f}", f"{scan / create:.2f}", f"{batch:.0f}", f"{batch / BATCH / create:.2f}"]
    return [kind, *cells]


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.scans", description=__doc__)
    parser.add_argument("--databases", nargs="*", choices=("sqlite", "mariadb"), default=["sqlite", "mariadb"])
    rows = [measure(kind) for kind in parser.parse_args().databases]
    columns = [
        "",
        "a create of a lead, ms",
        "a scan, ms",
        "× a create",
        f"{BATCH} scans at once, ms",
        f"× {BATCH} creates",
    ]
    print(table(columns, rows))


if __name__ == "__main__":
    main()
