"""The numbers behind the plots. Each function asks one or two grouped queries, in the account that is active."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import CharField, Count, Exists, Max, OuterRef, Sum
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from accounts.guess_alerts import digest_of, recent_locks
from accounts.models import Account, Site, User
from crud import registry
from crud.models import ChangeLog
from dashboard.traffic import held_back as held_back_by_id
from events.models import EventExhibit, EventFile, EventPresentation, EventSession
from files.models import HostedFile
from kernel.folding import fold
from tenancy.principal import Principal, current_principal

Series = list[tuple[str, int]]
"""(label, number)."""

TOP: Final = 10
HOURS: Final = 48
DAYS: Final = 14
AHEAD: Final = timedelta(days=7)


def may_read(principal: Principal, *type_names: str) -> bool:
    return all(registry[name].may("read", principal) for name in type_names)


def _leads() -> Any:
    """Those that whoever looks may read."""
    return registry["event_exhibit_tracking"].rows(current_principal().access).order_by()


def leads_by_exhibit() -> Series:
    leads = _leads().values("event_exhibit").annotate(found=Count("pk"))
    top = list(leads.order_by("-found", "event_exhibit").values_list("event_exhibit", "found")[:TOP])
    names = EventExhibit.objects.in_bulk([key for key, _ in top])
    return [(str(names[key]), count) for key, count in top if key in names]


def leads_by_hour() -> Series:
    """Of the two days that end with the last lead: an exhibition that is over still has its curve."""
    leads = _leads()
    last = leads.aggregate(last=Max("captured_on"))["last"]
    if last is None:
        return []
    first = _hour(last) - timedelta(hours=HOURS - 1)
    counted = _counted(leads.filter(captured_on__gte=first), "captured_on", "YYYY-MM-DD HH")
    hours = [first + timedelta(hours=number) for number in range(HOURS)]
    return [(f"{timezone.localtime(hour):%a %H:%M}", counted.get(f"{hour:%Y-%m-%d %H}", 0)) for hour in hours]


def uploads_by_day() -> Series:
    return _by_day(HostedFile.objects.order_by(), "created_on")


def uploads_by_session() -> Series:
    files = EventFile.objects.filter(event_session__isnull=False).order_by()
    top = list(
        files.values("event_session")
        .annotate(found=Count("pk"))
        .order_by("-found", "event_session")
        .values_list("event_session", "found")[:TOP]
    )
    names = EventSession.objects.in_bulk([key for key, _ in top])
    return [(str(names[key]), count) for key, count in top if key in names]


def changes_by_day() -> Series:
    return _by_day(ChangeLog.objects.order_by(), "created_on")


def _by_day(rows: Any, moment: str) -> Series:
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=DAYS - 1)
    counted = _counted(rows.filter(**{f"{moment}__gte": first}), moment, "YYYY-MM-DD")
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return [(f"{day:%d %b}", counted.get(f"{day:%Y-%m-%d}", 0)) for day in days]


def _counted(rows: Any, moment: str, pattern: str) -> dict[str, int]:
    """How many for each beginning of the moment's text, UTC. Both databases do that themselves; SQLite would call
    Python for each row to cut a datetime off at its hour."""
    beginning = Substr(Cast(moment, CharField()), 1, len(pattern))
    return dict(rows.annotate(part=beginning).values("part").annotate(found=Count("pk")).values_list("part", "found"))


def rooms_without_files(now: datetime | None = None) -> list[dict[str, Any]]:
    """Sessions that begin within a week and have presentations without a file: room, session, how many, minutes."""
    now = now or timezone.now()
    files = EventFile.objects.filter(event_presentation=OuterRef("pk"), enable=True, hide=False)
    missing = (
        EventPresentation.objects.filter(
            event_session__start_datetime__range=(now, now + AHEAD), event_session__enable=True, enable=True, hide=False
        )
        .filter(~Exists(files))
        .order_by("event_session__start_datetime", "event_session")
        .values(
            "event_session",
            "event_session__name",
            "event_session__start_datetime",
            "event_session__event_location__name",
        )
        .annotate(missing=Count("pk"))[:TOP]
    )
    return [
        {
            "session_key": session["event_session"],
            "session": session["event_session__name"],
            "room": session["event_session__event_location__name"] or "no room yet",
            "missing": session["missing"],
            "minutes": int((session["event_session__start_datetime"] - now).total_seconds() // 60),
        }
        for session in missing
    ]


def storage() -> dict[str, int]:
    """Bytes and rows of hosted files, and how many are waiting, being made, or failed."""
    files = HostedFile.objects.order_by()
    total = files.aggregate(bytes=Sum("size"), files=Count("pk"))
    # What is not ready has no bytes yet. That finds the few by an index; to compare all states costs SQLite seconds.
    without_bytes = files.filter(hash_sha256=None).exclude(status=HostedFile.Status.READY)
    states = dict(without_bytes.values_list("status").annotate(found=Count("pk")))
    waiting = {name: states.get(name, 0) for name in ("queued", "processing", "failed")}
    return {"bytes": total["bytes"] or 0, "files": total["files"], **waiting}


def storage_by_account() -> list[tuple[str, int]]:
    used = (
        HostedFile.objects.order_by()
        .values("account")
        .annotate(bytes=Sum("size"))
        .order_by("-bytes")
        .values_list("account", "bytes")[:TOP]
    )
    largest = list(used)
    names = Account.objects.in_bulk([key for key, _ in largest])
    return [(str(names[key]), size or 0) for key, size in largest if key in names]


def held_back() -> Series:
    """Accounts that asked for too much at once of this machine, within the hour, and how often they were refused."""
    refusals = held_back_by_id()
    named = {account.id_random: str(account) for account in Account.objects.filter(id_random__in=dict(refusals))}
    return [(named.get(public_id, "Keys without an account"), count) for public_id, count in refusals]


def guesses() -> list[tuple[str, int, datetime]]:
    """What in the active account was locked after wrong guesses within a day: its words, how often, when last."""
    locks: dict[str, list[float]] = {}
    for lock in recent_locks():
        locks.setdefault(lock.target, []).append(lock.at)
    if not locks:
        return []
    named: list[tuple[str, tuple[str, ...]]] = [
        (f"{what} {name}", (public_id,))
        for what, model in (("Passcodes of site", Site), ("Passcode of exhibit", EventExhibit))
        for name, public_id in model.objects.values_list("name", "id_random")
    ]
    if may_read(current_principal(), "user"):
        users = User.objects.values_list("username", "email")
        named += [(f"Sign-in as {name}", (fold(name), fold(email or ""))) for name, email in users]
    rows = []
    for words, targets in named:
        times = [at for target in targets if target for at in locks.get(digest_of(target), ())]
        if times:
            rows.append((words, len(times), datetime.fromtimestamp(max(times), UTC)))
    return sorted(rows, key=lambda row: row[2], reverse=True)[:TOP]


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
