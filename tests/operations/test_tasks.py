"""What beat has done: the import folder, and a backup each night."""

from __future__ import annotations

import os
import time
from typing import Any

from events.models import Event
from operations.places import dropped
from operations.tasks import make_backup, take_in
from tenancy.context import tenant


def test_the_folder_is_worked_off_and_a_backup_made(inhabited: Any) -> None:
    installation, north, _ = inhabited
    path = dropped() / f"event.{north.id}.csv"
    path.write_text("name\nBy the clock\n")
    os.utime(path, (time.time() - 60,) * 2)
    take_in()
    with tenant(north.account.pk):
        assert Event.objects.get().name == "By the clock"
    make_backup()
    assert len(installation.backups) == 1
