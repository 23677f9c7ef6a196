"""What was to be made and got lost on the way is found again by its row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from files.models import DerivedFile, HostedFile
from files.tasks import derive, resume
from tenancy.context import tenant
from tests.conftest import Party

pytestmark = pytest.mark.django_db
AGO, AHEAD = timedelta(seconds=-1), timedelta(seconds=20)


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


def test_when_the_queue_is_lost_everything_that_waits_is_sent_again(north: Party, south: Party) -> None:
    for party in (north, south):
        job(party, "queued", AHEAD)
    assert resume(queue_is_lost=True) == 2
    assert resume() == 0


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
