"""Which backups are kept: all of the last days, then one a week, then one a month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

NAME = re.compile(r"aether-(\d{8}T\d{6}Z)(?:-[\w-]+)?\.backup\.zip")


@dataclass(frozen=True, slots=True)
class Policy:
    days: int
    weeks: int
    months: int


def made_on(path: Path) -> datetime | None:
    """When a backup was made, by its name; None for other files, which are nobody's to prune."""
    match = NAME.fullmatch(path.name)
    return datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if match else None


def superfluous(paths: Iterable[Path], policy: Policy, now: datetime) -> list[Path]:
    """The backups to delete, oldest first. The newest one is never among them."""
    dated = sorted(((moment, path) for path in paths if (moment := made_on(path))), reverse=True)
    spared: set[Path] = {path for _, path in dated[:1]}
    weeks: dict[tuple[int, int], Path] = {}
    months: dict[tuple[int, int], Path] = {}
    for moment, path in dated:
        if moment > now - timedelta(days=policy.days):
            spared.add(path)
        year, week, _ = moment.isocalendar()
        weeks[year, week] = path  # the oldest of each, so that it stays the same one while others come
        months[moment.year, moment.month] = path
    spared |= {weeks[key] for key in sorted(weeks, reverse=True)[: policy.weeks]}
    spared |= {months[key] for key in sorted(months, reverse=True)[: policy.months]}
    return sorted(path for _, path in dated if path not in spared)
