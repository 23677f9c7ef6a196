"""`python -m bench.dashboard.ask`, in the environment of the service: a table of what each panel costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext

ROUNDS = 5


def cost(ask: Callable[[], Any]) -> tuple[float, int]:
    """(milliseconds, queries): the least of some rounds, as others may use the machine."""
    took = []
    for _ in range(ROUNDS):
        with CaptureQueriesContext(connection) as queries:
            began = time.perf_counter()
            ask()
            took.append(time.perf_counter() - began)
    return min(took) * 1_000, len(queries)


def panels(figures: Any) -> dict[str, Callable[[], Any]]:
    names = (
        *("leads_by_hour", "leads_by_exhibit", "uploads_by_day", "uploads_by_session", "changes_by_day"),
        *("rooms_without_files", "storage", "storage_by_account"),
    )
    return {name: getattr(figures, name) for name in names}


def main() -> None:
    django.setup()
    from accounts.models import Account
    from dashboard import figures
    from tenancy.context import every_tenant, tenant

    with every_tenant(reason="the bench looks for its account"):
        account = Account.objects.get(code="large")
    print(f"\n{connection.vendor}: ms (queries)\n\n| panel | staff of the large account | super user |\n|---|---|---|")
    totals = [[0.0, 0], [0.0, 0]]
    for name, ask in panels(figures).items():
        cells = []
        for number, scope in enumerate((tenant(account.pk), every_tenant(reason="the bench is a super user"))):
            with scope if name != "storage_by_account" or number else nullcontext():
                if name == "storage_by_account" and not number:
                    cells.append("–")
                    continue
                milliseconds, queries = cost(ask)
            totals[number][0] += milliseconds
            totals[number][1] += queries
            cells.append(f"{milliseconds:.1f} ({queries})")
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"| all | {' | '.join(f'{milliseconds:.0f} ({queries})' for milliseconds, queries in totals)} |")


if __name__ == "__main__":
    main()
