"""What was to be made and got lost on the way is found again by its row."""

from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from crud import worker_looks_round
from crud.background.lease import only_one
from files.models import DerivedFile, HostedFile
from files.tasks import derive, resume
from tenancy.context import tenant
from tests.conftest import Party

pytestmark = pytest.mark.django_db
AGO, AHEAD = timedelta(seconds=-1), timedelta(seconds=20)
LONG_AGO = timedelta(minutes=-11)


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """How many messages the broker says it has, as a list of one."""
    said: list[int | None] = [0]
    monkeypatch.setattr("files.tasks.tasks_waiting", lambda: said[0])
    return said


def job(party: Party, status: str, lease: timedelta | None) -> str:
    """A job whose source is gone, as it is then done in no time."""
    with tenant(party.account.pk):
        made = HostedFile(filename="clip.mp4", status=status)
        made.save()
        digest = made.id_random.ljust(64, "0")
        until = timezone.now() + lease if lease else None
        DerivedFile(digest=digest, hosted_file=made, source_hash="0" * 64, kind="clip", lease_until=until).save()
        return made.id_random


def test_nothing_waits(db: None) -> None:
    assert resume() == 0


@pytest.mark.parametrize(
    ("status", "lease", "lost"),
    [
        ("queued", AGO, True),  # its message never came
        ("queued", None, True),
        ("queued", AHEAD, False),  # its message may still come
        ("processing", AGO, True),  # who had it has not said for half a minute that it lives
        ("processing", AHEAD, False),
        ("ready", AGO, False),
        ("failed", AGO, False),
    ],
)
def test_what_is_lost_is_sent_again(north: Party, status: str, lease: timedelta | None, lost: bool) -> None:
    job(north, status, lease)
    assert resume() == lost


@pytest.mark.parametrize("length", [1, 500, None])
def test_while_others_wait_or_the_broker_is_silent_a_message_may_still_come(
    north: Party, waiting: list[int | None], length: int | None
) -> None:
    waiting[0] = length
    job(north, "queued", AGO)
    assert resume() == 0
    job(north, "processing", AGO)  # its message has come
    assert resume() == 1
    job(north, "queued", LONG_AGO)
    assert resume() == 1


def test_when_the_queue_is_lost_everything_that_waits_is_sent_again(north: Party, south: Party) -> None:
    for party in (north, south):
        job(party, "queued", AHEAD)
        job(party, "processing", AHEAD)  # by a process that is gone as well
        job(party, "ready", None)
    assert resume(queue_is_lost=True) == 4
    assert resume() == 0


@pytest.mark.parametrize(
    ("broker", "first", "sent"), [("memory://", True, 2), ("memory://", False, 1), ("redis://", True, 1)]
)
def test_a_worker_looks_round_by_itself(north: Party, broker: str, first: bool, sent: int) -> None:
    """Beat runs nowhere in this test."""
    rows = [job(north, "queued", AGO), job(north, "queued", AHEAD)]
    before = {row: lease_of(north, row) for row in rows}
    worker_looks_round.send(Mock(**{"app.conf.broker_url": broker}), first=first)
    assert sum(lease_of(north, row) != before[row] for row in rows) == sent


def test_a_worker_waits_for_no_resumption_that_was_killed(north: Party) -> None:
    row = job(north, "queued", AGO)
    with only_one(resume.name):  # as long as nobody renews it, it is held for up to a minute
        assert resume() is None
        worker_looks_round.send(Mock(**{"app.conf.broker_url": "redis://"}), first=True)
    until = lease_of(north, row)
    assert until is not None
    assert until > timezone.now()


def lease_of(party: Party, public_id: str) -> datetime | None:
    with tenant(party.account.pk):
        return DerivedFile.objects.get(hosted_file__id_random=public_id).lease_until


def test_what_was_sent_again_is_done_once(north: Party, south: Party) -> None:
    mine, theirs = (job(party, "queued", AGO) for party in (north, south))
    assert resume() == 2
    assert resume() == 0  # it waits for those messages first
    for _ in range(2):  # the lost message comes after all
        derive(north.account.pk, mine)
    with tenant(north.account.pk):
        row = HostedFile.objects.get(id_random=mine)
        assert DerivedFile.objects.get().attempts == 1
    assert (row.status, row.status_message) == ("failed", "The file that it was to be made of is gone.")
    derive(north.account.pk, theirs)  # of another account: nothing happens
    with tenant(south.account.pk):
        assert HostedFile.objects.get(id_random=theirs).status == "queued"
