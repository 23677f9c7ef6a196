"""For bench.drill, in the environment of the service: journal entries with their words and their change log."""

from __future__ import annotations

import random
import sys

import django

ENTRIES_A_GIGABYTE = 240_000
"""Of a kilobyte of text each, which the words to search and the change log hold as well."""
BATCH = 1_000
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
WORDS = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES]


def fill(gigabytes: float) -> None:
    # Here, as Django is set up first.
    from accounts.models import Account
    from content.models import Journal, JournalEntry
    from tenancy.context import every_tenant, tenant

    with every_tenant(reason="the bench makes its account"):
        account = Account(code="drill", name="Drill")
        account.save()
    dice = random.Random(20260701)
    with tenant(account.pk):
        journal = Journal(name="Log")
        journal.save()
        for start in range(0, int(gigabytes * ENTRIES_A_GIGABYTE), BATCH):
            JournalEntry.objects.bulk_create(
                JournalEntry(
                    account=account,
                    journal=journal,
                    name=f"Entry {start + number}",
                    content=" ".join(dice.choices(WORDS, k=140)),
                )
                for number in range(BATCH)
            )


if __name__ == "__main__":
    django.setup()
    fill(float(sys.argv[1]))
