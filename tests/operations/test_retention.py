"""Which backups are pruned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from operations.retention import Policy, superfluous

NOW = datetime(2027, 6, 30, 12, tzinfo=UTC)


def nightly(days: int) -> list[Path]:
    return [Path(f"aether-{NOW - timedelta(days=day):%Y%m%dT%H%M%SZ}.backup.zip") for day in range(days)]


def kept(paths: list[Path], policy: Policy) -> list[str]:
    gone = set(superfluous(paths, policy, NOW))
    return sorted(path.name[7:15] for path in paths if path not in gone)


def test_days_weeks_and_months_are_kept() -> None:
    assert kept(nightly(400), Policy(3, 2, 4)) == [
        *("20270301", "20270401", "20270501", "20270601"),  # the first of each month
        *("20270621", "20270628"),  # the first of each week
        *("20270629", "20270630"),
    ]


def test_what_is_kept_stays_kept_while_others_come() -> None:
    """A night later, only backups that were kept the night before are there to choose from."""
    there: list[Path] = []
    for path in reversed(nightly(400)):
        there.append(path)
        moment = datetime.strptime(path.name[7:22], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        gone = superfluous(there, Policy(3, 2, 4), moment)
        there = [path for path in there if path not in gone]
    assert sorted(path.name[7:15] for path in there) == kept(nightly(400), Policy(3, 2, 4))


def test_the_newest_and_foreign_files_are_never_pruned() -> None:
    foreign = [Path("aether.sqlite3"), Path("north.bundle.zip"), Path("aether-old.backup.zip")]
    old = nightly(30)[20:]
    assert kept([*old, *foreign], Policy(0, 0, 0))[0] == old[0].name[7:15]
    assert not set(foreign) & set(superfluous([*old, *foreign], Policy(0, 0, 0), NOW))
