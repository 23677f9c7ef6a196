"""What beat sends: made from code, edited by staff, never twice at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts.models import RefreshToken
from accounts.tasks import forget_expired
from aether.celery import app
from aether.schedule import Scheduler, beat_in_this_process
from crud.background import lease
from crud.background.lease import only_one
from crud.background.task import SingleTask
from crud.models import ChangeLog, IdempotentAnswer, Lease
from crud.tasks import forget_answers, prune_change_log
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Party
from tests.crud.threads import at_once, shared_database

ENTRY = "Prune the change log"
BY_NIGHT = "2026-12-02T02:30:00Z"


def read_schedule() -> dict[str, object]:
    """As beat does when it starts."""
    return dict(Scheduler(app=app, lazy=True).schedule)


def test_all_that_beat_sends_runs_one_at_a_time() -> None:
    app.finalize()
    sent = {entry["task"]: app.tasks.get(entry["task"]) for entry in app.conf.beat_schedule.values()}
    assert "crud.prune_change_log" in sent
    assert [name for name, task in sent.items() if not isinstance(task, SingleTask)] == []


@pytest.mark.django_db(transaction=True)  # beat closes connections
def test_an_empty_table_is_filled_from_code() -> None:
    app.finalize()
    assert PeriodicTask.objects.count() == 0
    read_schedule()
    assert set(PeriodicTask.objects.values_list("name", flat=True)) == set(app.conf.beat_schedule)
    PeriodicTask.objects.filter(name=ENTRY).delete()
    read_schedule()
    assert PeriodicTask.objects.get(name=ENTRY).task == "crud.prune_change_log"


@pytest.mark.django_db(transaction=True)
def test_the_beat_of_make_run_reads_the_table_too() -> None:
    scheduler = beat_in_this_process().service.get_scheduler()
    assert isinstance(scheduler, Scheduler)
    assert PeriodicTask.objects.filter(name=ENTRY).exists()


@pytest.mark.django_db(transaction=True)  # beat closes connections
@pytest.mark.parametrize("moment", ["at the start", "later"])
def test_beat_outlives_a_database_that_is_away(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = None if moment == "at the start" else Scheduler(app=app)
    with monkeypatch.context() as away:

        def fail(*args: Any) -> None:
            raise OperationalError(2002, "Can't connect to server")

        away.setattr(connection, "cursor", fail)
        scheduler = scheduler or Scheduler(app=app)
        scheduler._last_full_sync = datetime(2026, 1, 1)  # noqa: DTZ001  (Celery's own has no zone)
        assert [scheduler.tick(), scheduler.tick()] == [scheduler.max_interval] * 2
    with time_machine.travel(BY_NIGHT):  # by day beat leaves out what is due by night
        PeriodicTask.objects.all().delete()
        sent: list[str] = []
        monkeypatch.setattr(scheduler, "apply_async", lambda entry, **_: sent.append(entry.name))
        assert 0 <= scheduler.tick() <= scheduler.max_interval
        assert set(app.conf.beat_schedule) <= set(scheduler.schedule)
        PeriodicTask.objects.filter(name=ENTRY).update(last_run_at=timezone.now() - timedelta(days=3))
        scheduler._last_full_sync = datetime(2026, 1, 1)  # noqa: DTZ001  (likewise)
        for _ in range(len(scheduler.schedule)):
            scheduler.tick()
        assert ENTRY in sent
    scheduler._dirty.clear()  # else it writes when the process ends


@pytest.mark.django_db(transaction=True)  # beat closes connections
def test_what_staff_changed_stays() -> None:
    read_schedule()
    hourly, _ = IntervalSchedule.objects.get_or_create(every=1, period="hours")
    PeriodicTask.objects.filter(name=ENTRY).update(enabled=False, crontab=None, interval=hourly)
    read_schedule()
    row = PeriodicTask.objects.get(name=ENTRY)
    assert (row.enabled, row.crontab, row.interval) == (False, None, hourly)
    assert ENTRY not in read_schedule()


@pytest.mark.django_db(transaction=True)  # beat closes connections
def test_staff_of_one_account_do_not_see_the_schedule(north: Party, client: Client) -> None:
    """Its tasks work for all accounts."""
    read_schedule()
    signed_in = client.post("/admin/login/", {"username": north.users["manager"].username, "password": PASSWORD})
    assert signed_in.status_code == 302
    for path in ("", "add/", f"{PeriodicTask.objects.first().pk}/change/"):  # type: ignore[union-attr]
        assert client.get(f"/admin/django_celery_beat/periodictask/{path}").status_code in (302, 403, 404)


# one at a time


@pytest.mark.django_db(transaction=True)
def test_of_many_that_begin_at_once_one_works(tmp_path: Path) -> None:
    begun: list[bool] = []
    all_asked = threading.Barrier(6)

    def work() -> None:
        with only_one("test") as mine:
            begun.append(mine)
            all_asked.wait(30)

    works: list[Callable[[], None]] = [work] * 6
    with shared_database(tmp_path) as connect:
        at_once(connect, works)
        assert sorted(begun) == [False] * 5 + [True]
        with only_one("test") as mine:
            assert mine  # it was given back


@pytest.mark.django_db
def test_the_lease_of_one_that_died_ends() -> None:
    Lease(name="test", holder="dead", until=timezone.now() + timedelta(seconds=30)).save(force_insert=True)
    with only_one("test") as mine:
        assert not mine
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    with only_one("test") as mine:
        assert mine
    assert not Lease.objects.exists()


class Rounds(threading.Event):
    """Ends after so many waits, without waiting."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.left = number

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_by_its_holder_only() -> None:
    soon = timezone.now() + timedelta(seconds=1)
    Lease(name="test", holder="me", until=soon).save(force_insert=True)
    lease._renew("test", "another", Rounds(2))
    assert Lease.objects.get().until == soon
    lease._renew("test", "me", Rounds(2))
    assert Lease.objects.get().until > soon + timedelta(seconds=30)


@pytest.mark.django_db
def test_a_task_that_runs_already_ends_at_once(north: Party, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    IdempotentAnswer(digest="old", body_digest="x", created_on=timezone.now() - timedelta(hours=25)).save()
    with only_one(forget_answers.name):
        forget_answers()
    assert IdempotentAnswer.objects.count() == 1
    assert "crud.forget_answers runs already" in caplog.messages


# what they do


@pytest.mark.django_db
def test_what_is_too_old_goes_and_the_rest_stays(north: Party, settings: object) -> None:
    now = timezone.now()
    for hours in (23, 25):
        IdempotentAnswer(digest=str(hours), body_digest="x", created_on=now - timedelta(hours=hours)).save()
    for days in (-1, 5):
        Session(session_key=str(days), session_data="x", expire_date=now + timedelta(days=days)).save()
        expires = now + timedelta(days=days - 1)
        RefreshToken(jti=str(days), family="f", user=north.users["user"], key_prefix="k", expires_on=expires).save()
    north.manager.create("journal", name="new")
    north.manager.create("journal", name="old")
    with every_tenant(reason="a test makes an entry old"):
        last = ChangeLog.objects.order_by("pk").last()
        assert last is not None
        ChangeLog.objects.filter(pk=last.pk).update(created_on=now - timedelta(days=731))
        before = ChangeLog.objects.count()
    for _ in range(2):  # once more changes nothing
        forget_answers()
        forget_expired()
        prune_change_log()
    assert list(IdempotentAnswer.objects.values_list("digest", flat=True)) == ["23"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["5"]
    assert list(RefreshToken.objects.values_list("jti", flat=True)) == ["5"]
    with every_tenant(reason="a test counts the entries"):
        assert ChangeLog.objects.count() == before - 1
        assert not ChangeLog.objects.filter(pk=last.pk).exists()
